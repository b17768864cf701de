// Area under the ROC curve, exact with ties, and what each row adds to it, from which DeLong's standard error follows
// (DeLong, DeLong & Clarke-Pearson 1988; over groups of rows: Obuchowski 1997).
//
//   AUC = mean over clicks p and non-clicks q of [s_p > s_q] + ½ [s_p = s_q]
//   V_p = mean over q of the same;   ψ_p = n / P · (V_p - AUC) · √(P / (P - 1)), and so for non-clicks
//
// Both classes are sorted apart, O(n log n).

import type { ClickMetric, Scored } from "./metric.ts";

/** NaN where a class is empty or a score is NaN. */
export function auc(label: Float32Array, score: Float32Array): number {
  const { positive, negative } = classes(label, score);
  if (positive.length === 0 || negative.length === 0) return Number.NaN;
  let [below, upTo, sum] = [0, 0, 0];
  for (const x of positive) {
    while (below < negative.length && negative[below]! < x) below++;
    if (upTo < below) upTo = below;
    while (upTo < negative.length && negative[upTo]! === x) upTo++;
    sum += below + upTo;
  }
  // NaN sorts last.
  if (Number.isNaN(positive.at(-1)) || Number.isNaN(negative.at(-1))) return Number.NaN;
  return sum / (2 * positive.length * negative.length);
}

export const aucMetric: ClickMetric<"high"> = {
  summary: "Probability that a click scores higher than a non-click.",
  ...{ better: "high", needs: "clicks and others" },
  measure: ({ label, score }) => auc(label, score),
  influence(rows) {
    const { label, score } = rows;
    const value = auc(label, score);
    const { positive, negative } = classes(label, score);
    const n = label.length;
    const scaleOf = (size: number) => (n / size) * Math.sqrt(size / (size - 1));
    const [ofClick, ofOther] = [scaleOf(positive.length), scaleOf(negative.length)];
    return {
      value,
      rows: Float64Array.from(score, (s, r) =>
        label[r]! > 0 ? ofClick * (shareBelow(negative, s) - value) : ofOther * (1 - shareBelow(positive, s) - value),
      ),
    };
  },
  resampled: weightedAuc,
};

/** AUC of rows in the order of their scores, ties at once: each click beats the others below it, and half of its equals. */
function weightedAuc({ label, score }: Scored): (count: Uint8Array) => number {
  const n = label.length;
  const order = Uint32Array.from({ length: n }, (_, r) => r).sort((a, b) => score[a]! - score[b]! || a - b);
  const clicked = Uint8Array.from(order, (r) => (label[r]! > 0 ? 1 : 0));
  // 1 where the next row has another score
  const ends = Uint8Array.from(order, (r, at) => (at + 1 === n || score[r] !== score[order[at + 1]!] ? 1 : 0));
  return (count) => {
    let [clicks, others, tiedClicks, tied, sum] = [0, 0, 0, 0, 0];
    for (let at = 0; at < n; at++) {
      // Without a branch: which rows are clicks no processor can foresee.
      const times = count[order[at]!]!;
      const ofClick = times * clicked[at]!;
      tiedClicks += ofClick;
      tied += times - ofClick;
      if (!ends[at]) continue;
      sum += tiedClicks * (others + tied / 2);
      clicks += tiedClicks;
      others += tied;
      tiedClicks = 0;
      tied = 0;
    }
    return sum / (clicks * others);
  };
}

function classes(label: Float32Array, score: Float32Array): { positive: Float32Array; negative: Float32Array } {
  let clicks = 0;
  for (const y of label) if (y > 0) clicks++;
  const positive = new Float32Array(clicks);
  const negative = new Float32Array(label.length - clicks);
  let [p, q] = [0, 0];
  for (let r = 0; r < label.length; r++) {
    if (label[r]! > 0) positive[p++] = score[r]!;
    else negative[q++] = score[r]!;
  }
  return { positive: positive.sort(), negative: negative.sort() };
}

/** The share of the sorted numbers that are below x, equal ones by half. */
const shareBelow = (sorted: Float32Array, x: number): number =>
  (countWhere(sorted, (s) => s < x) + countWhere(sorted, (s) => s <= x)) / (2 * sorted.length);

/** How many of the first sorted numbers hold the condition, which none holds after one that does not. */
function countWhere(sorted: Float32Array, holds: (s: number) => boolean): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(sorted[middle]!)) from = middle + 1;
    else to = middle;
  }
  return from;
}
