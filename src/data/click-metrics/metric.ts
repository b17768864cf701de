// What a metric of clicks is: a number over rows, and what each row adds to it, from which errors and paired tests follow.

/** Rows with their labels (0 or 1) and predicted probabilities; `group` is the user, -1 where unknown. */
export interface Scored {
  readonly label: Float32Array;
  readonly score: Float32Array;
  readonly group?: Int32Array;
}

export interface ClickMetricOptions {
  /** Scores of at least this are taken for clicks, where a metric needs a decision. */
  readonly threshold: number;
}

export interface Influence {
  /** NaN where the metric is not defined on these rows. */
  readonly value: number;
  /** ψ of each row, as scaled for `standardError`: to first order the metric moves by ψ_r / n where row r weighs more. */
  readonly rows: Float64Array;
  /** What the metric says nothing of, such as "users with one class", and how many. */
  readonly leftOut?: Readonly<Record<string, number>>;
}

/** "one": the nearer to 1 the better. */
export type Better = "high" | "low" | "one";

export interface ClickMetric<B extends Better = Better> {
  readonly summary: string;
  readonly better: B;
  /** Without what there is no value. */
  readonly needs: string;
  /** NaN where it is not defined. */
  measure(rows: Scored, options?: ClickMetricOptions): number;
  influence(rows: Scored, options?: ClickMetricOptions): Influence;
  /** The value where row r counts count[r] times, for many resamples: what must be sorted is sorted once. */
  resampled(rows: Scored, options?: ClickMetricOptions): (count: Uint8Array) => number;
}

export const usualThreshold = 0.5;

/** Of a row: what it adds above and below the line. `predicted` is 1 where the score reaches the threshold. */
type Terms = (label: number, score: number, predicted: number) => readonly [above: number, below: number];

/**
 * A metric Σ a / Σ b over rows: means (b = 1), precision, recall, F1 …
 *
 *   ψ_r = n / Σb · (a_r - value · b_r) · √(n / (n - 1))
 */
export const ratioMetric = <B extends Better>(
  said: Pick<ClickMetric<B>, "summary" | "better" | "needs">,
  of: Terms,
): ClickMetric<B> => {
  const sums = ({ label, score }: Scored, threshold: number) => {
    let [a, b] = [0, 0];
    for (let r = 0; r < label.length; r++) {
      const [above, below] = of(label[r]!, score[r]!, score[r]! >= threshold ? 1 : 0);
      a += above;
      b += below;
    }
    return { value: b > 0 ? a / b : Number.NaN, below: b };
  };
  return {
    ...said,
    measure: (rows, { threshold } = { threshold: usualThreshold }) => sums(rows, threshold).value,
    influence(rows, { threshold } = { threshold: usualThreshold }) {
      const { value, below } = sums(rows, threshold);
      const { label, score } = rows;
      const n = label.length;
      const scale = (n / below) * Math.sqrt(n / (n - 1));
      return {
        value,
        rows: Float64Array.from(label, (y, r) => {
          const [a, b] = of(y, score[r]!, score[r]! >= threshold ? 1 : 0);
          return scale * (a - value * b);
        }),
      };
    },
    resampled({ label, score }, { threshold } = { threshold: usualThreshold }) {
      const terms = Array.from(label, (y, r) => of(y, score[r]!, score[r]! >= threshold ? 1 : 0));
      const [above, below] = [Float64Array.from(terms, ([a]) => a), Float64Array.from(terms, ([, b]) => b)];
      return (count) => {
        let [a, b] = [0, 0];
        for (let r = 0; r < above.length; r++) {
          a += count[r]! * above[r]!;
          b += count[r]! * below[r]!;
        }
        return b > 0 ? a / b : Number.NaN;
      };
    },
  };
};
