// Whether rates are right at every level: expected calibration error (Naeini et al. 2015) with bins of equal mass, and
// the bins themselves, which are a calibration curve.
//
//   ECE = Σ_b |Σ_{r in b} (p_r - y_r)| / n        ψ_r = sign_b · (p_r - y_r) - ECE
//
// Bins are held fixed for ψ. Where a bin's true gap is nought |gap| is no longer linear: there the error is too wide.

import type { ClickMetric, Scored } from "./metric.ts";

const bins = 10;

/** A bin of rows with like predictions. */
export interface CalibrationBin {
  readonly rows: number;
  /** Mean probability. */
  readonly predicted: number;
  /** Share of clicks. */
  readonly observed: number;
  /** Wilson's 95 % interval of the share (Wilson 1927), rows taken as independent. */
  readonly low: number;
  readonly high: number;
}

/** Where bins of rows sorted by score end: 10 of equal mass, but rows of one score are never parted. */
function binned({ score }: Scored): { order: Uint32Array; ends: number[] } {
  const n = score.length;
  const order = Uint32Array.from({ length: n }, (_, r) => r).sort((a, b) => score[a]! - score[b]! || a - b);
  const ends: number[] = [];
  for (let r = 1, bin = 1; r <= n; r++) {
    if (r < (bin * n) / bins || (r < n && score[order[r]!] === score[order[r - 1]!])) continue;
    ends.push(r);
    while ((bin * n) / bins <= r) bin++;
  }
  return { order, ends };
}

/** The calibration curve, by rising prediction; no more than 10 bins, fewer where many rows have one score. */
export function calibrationCurve(rows: Scored): CalibrationBin[] {
  const { order, ends } = binned(rows);
  return ends.map((end, b) => {
    const own = order.subarray(ends[b - 1] ?? 0, end);
    let [p, y] = [0, 0];
    for (const r of own) {
      p += rows.score[r]!;
      y += rows.label[r]!;
    }
    const n = own.length;
    return { rows: n, predicted: p / n, observed: y / n, ...wilson(y / n, n) };
  });
}

function wilson(share: number, n: number): { low: number; high: number } {
  const z = 1.959963984540054;
  const middle = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

export const ece: ClickMetric<"low"> = {
  summary: "Mean gap between predicted and observed rate in 10 bins of equal mass.",
  ...{ better: "low", needs: "rows" },
  measure: (rows) => ece.influence(rows).value,
  influence(rows) {
    const { label, score } = rows;
    const n = label.length;
    const { order, ends } = binned(rows);
    const gaps = new Float64Array(n);
    let sum = 0;
    for (const [b, end] of ends.entries()) {
      const own = order.subarray(ends[b - 1] ?? 0, end);
      let gap = 0;
      for (const r of own) gap += score[r]! - label[r]!;
      sum += Math.abs(gap);
      for (const r of own) gaps[r] = Math.sign(gap) * (score[r]! - label[r]!);
    }
    const value = sum / n;
    return { value, rows: gaps.map((gap) => (gap - value) * Math.sqrt(n / (n - 1))) };
  },
  // Bins are those of the whole.
  resampled(rows) {
    const { order, ends } = binned(rows);
    const gaps = Float64Array.from(order, (r) => rows.score[r]! - rows.label[r]!);
    return (count) => {
      let [sum, n] = [0, 0];
      for (let b = 0, at = 0; b < ends.length; b++) {
        let gap = 0;
        for (; at < ends[b]!; at++) {
          const times = count[order[at]!]!;
          gap += times * gaps[at]!;
          n += times;
        }
        sum += Math.abs(gap);
      }
      return sum / n;
    };
  },
};
