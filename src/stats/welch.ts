// The difference of two means whose variances need not be equal (Welch, 1947).

import { tCdf } from "./distributions.ts";
import { type Interval, tInterval } from "./interval.ts";

/** n independent values by their mean and their variance (of one value, not of the mean). */
export interface Sample {
  readonly n: number;
  readonly mean: number;
  readonly variance: number;
}

/** The values that are numbers. */
export function sampleOf(values: Iterable<number>): Sample {
  let [n, mean, squares] = [0, 0, 0];
  for (const x of values) {
    if (Number.isNaN(x)) continue;
    n++;
    const off = x - mean;
    mean += off / n;
    squares += off * (x - mean);
  }
  return { n, mean: n === 0 ? Number.NaN : mean, variance: n < 2 ? Number.NaN : squares / (n - 1) };
}

export interface Welch {
  /** a less b. */
  readonly difference: number;
  readonly standardError: number;
  readonly interval: Interval;
  /** Two-sided. */
  readonly p: number;
}

//   t = (a - b) / √(s²_a/n_a + s²_b/n_b),   degrees = (…)² / (s⁴_a/n²_a(n_a - 1) + s⁴_b/n²_b(n_b - 1))
/** Both samples have at least two values. */
export function welch(a: Sample, b: Sample, level: number): Welch {
  const [va, vb] = [a.variance / a.n, b.variance / b.n];
  const standardError = Math.sqrt(va + vb);
  const difference = a.mean - b.mean;
  if (standardError === 0) {
    return { difference, standardError, interval: [difference, difference], p: difference === 0 ? 1 : 0 };
  }
  const degrees = (va + vb) ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
  const p = 2 * tCdf(-Math.abs(difference) / standardError, degrees);
  return { difference, standardError, interval: tInterval(difference, standardError, degrees, level), p };
}
