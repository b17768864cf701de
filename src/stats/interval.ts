// Confidence intervals as everything in distilrec states them: two ends and the level.

import { tQuantile } from "./distributions.ts";

/** [low, high]: where the truth is expected with the stated confidence. */
export type Interval = readonly [low: number, high: number];

/** The share `p` of sorted values lies below this, linear between neighbours (R's type 7, NumPy's default). */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number {
  const at = (sorted.length - 1) * p;
  const below = Math.floor(at);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (at - below) * (high - low);
}

/** The middle `level` of the replicates of a statistic; NaN among them are left out. */
export function percentileInterval(replicates: Float64Array, level: number): Interval {
  const sorted = replicates.filter((x) => !Number.isNaN(x)).sort();
  const tail = (1 - level) / 2;
  return [quantileSorted(sorted, tail), quantileSorted(sorted, 1 - tail)];
}

/** estimate ± t·error, Student's t with `degrees` (Infinity: normal). */
export function tInterval(estimate: number, error: number, degrees: number, level: number): Interval {
  const half = error === 0 ? 0 : tQuantile((1 + level) / 2, degrees) * error;
  return [estimate - half, estimate + half];
}
