// One-sided confidence bounds of a ratio of means over independent units (users, rows): Σ above / Σ below. A mean is one
// (below = 1), and so are a mean drop (above = a - b, below = 1) and a relative drop (above = a - b, below = a).
//
// A bound is where a test turns: r is not ruled out while the mean of e_u = above_u - r · below_u may be 0 (Fieller 1954).
// Units are often skewed (most users lose nothing, few lose all), and a plain t then passes too often. Its statistic T is
// transformed to take out the skewness γ (Hall, "On the removal of skewness by transformation", 1992):
//
//   g(T) = T + γ T² / (3 √n) + γ² T³ / (27 n) + γ / (6 √n),  compared with ± t of n - 1 degrees
//
// γ is used only where it moves a bound away from the estimate, for that of a small sample is itself uncertain.

import { tQuantile } from "./distributions.ts";
import type { Interval } from "./interval.ts";

export interface RatioBounds {
  readonly estimate: number;
  /** The ratio is above low, and below high, each with confidence 1 - alpha; infinite where nothing is ruled out. */
  readonly bounds: Interval;
}

/** Bounds by the skewness-corrected t; `below` ≥ 0. NaN for fewer than 2 units or where all of `below` is 0. */
export function ratioBounds(above: Float64Array, below: Float64Array, alpha: number): RatioBounds {
  const n = above.length;
  const { mean, spreadAt } = moments(above, below);
  const estimate = mean.above / mean.below;
  if (n < 2 || !Number.isFinite(estimate)) return { estimate: Number.NaN, bounds: [Number.NaN, Number.NaN] };
  const t = tQuantile(1 - alpha, n - 1);
  // Above 0 while r cannot be ruled out as too far to that side (1: high, -1: low).
  const open = (side: 1 | -1) => (r: number) => {
    const { error, skew } = spreadAt(r);
    const away = side * (mean.above - r * mean.below);
    if (error === 0) return away;
    const [statistic, g] = [away / error, Math.max(0, side * skew) / Math.sqrt(n)];
    return t + statistic + (g * statistic ** 2) / 3 + (g ** 2 * statistic ** 3) / 27 + g / 6;
  };
  return { estimate, bounds: [edge(open(-1), estimate, -1), edge(open(1), estimate, 1)] };
}

/** Mean and standard deviation over units of e = above - r · below, by which the ratio's distance from r is tested. */
export function spreadAround(above: Float64Array, below: Float64Array, r: number): { mean: number; deviation: number } {
  const { mean, spreadAt } = moments(above, below);
  return { mean: mean.above - r * mean.below, deviation: spreadAt(r).error * Math.sqrt(above.length) };
}

/** Where `open` turns from positive to negative on one side of `from`. */
function edge(open: (r: number) => number, from: number, side: 1 | -1): number {
  let step = Math.max(1e-12, Math.abs(from) * 1e-6);
  let inner = from;
  if (open(inner) <= 0) return from;
  while (open(from + side * step) > 0) {
    inner = from + side * step;
    step *= 2;
    if (step > 1e12) return side * Number.POSITIVE_INFINITY;
  }
  let outer = from + side * step;
  for (let i = 0; i < 80; i++) {
    const middle = (inner + outer) / 2;
    if (open(middle) > 0) inner = middle;
    else outer = middle;
  }
  return outer;
}

/** Means, and standard error and skewness of e = above - r · below for any r, from central moments of both. */
function moments(above: Float64Array, below: Float64Array) {
  const n = above.length;
  const mean = { above: average(above), below: average(below) };
  let [aa, ab, bb, aaa, aab, abb, bbb] = [0, 0, 0, 0, 0, 0, 0];
  for (let u = 0; u < n; u++) {
    const [a, b] = [above[u]! - mean.above, below[u]! - mean.below];
    aa += a * a;
    ab += a * b;
    bb += b * b;
    aaa += a * a * a;
    aab += a * a * b;
    abb += a * b * b;
    bbb += b * b * b;
  }
  return {
    mean,
    spreadAt(r: number): { error: number; skew: number } {
      const squares = Math.max(0, aa - 2 * r * ab + r ** 2 * bb);
      const cubes = aaa - 3 * r * aab + 3 * r ** 2 * abb - r ** 3 * bbb;
      const skew = squares > 0 ? (cubes / squares ** 1.5) * Math.sqrt(n) : 0;
      return { error: Math.sqrt(squares / (n - 1) / n), skew };
    },
  };
}

const average = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;
