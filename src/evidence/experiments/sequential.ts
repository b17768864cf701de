// A test that may be looked at any time: the mixture sequential probability ratio test, with a normal mixture over the
// difference (Johari, Pekelis & Walsh, arXiv 1512.04922). Under no difference, the chance that its p-value is ever below
// alpha is at most alpha, however often one looks; the price is a wider interval at any one time.
//
//   Λ = √(v / (v + τ²)) · exp(τ² d² / (2 v (v + τ²)))        v: variance of the difference d, τ: size expected of it
//   p = min(1, 1 / Λ)        interval: d ± √(v (v + τ²) / τ² · (2 ln(1/α) + ln((v + τ²) / v)))

import type { Interval } from "../../stats/interval.ts";

export interface AlwaysValid {
  readonly interval: Interval;
  readonly p: number;
}

/** `expected` (τ > 0) is chosen before the data are seen; it moves power, never validity. */
export function alwaysValid(difference: number, variance: number, expected: number, level: number): AlwaysValid {
  if (variance === 0) return { interval: [difference, difference], p: difference === 0 ? 1 : 0 };
  const mixture = expected ** 2;
  const sum = variance + mixture;
  const logRatio = 0.5 * Math.log(variance / sum) + (mixture * difference ** 2) / (2 * variance * sum);
  const half = Math.sqrt(((variance * sum) / mixture) * (2 * Math.log(1 / (1 - level)) + Math.log(sum / variance)));
  return { interval: [difference - half, difference + half], p: Math.min(1, Math.exp(-logRatio)) };
}
