// Drawing from a fixed discrete distribution in constant time (Walker 1977; Vose's construction, IEEE TSE 1991).

import type { Rng } from "../base/rng.ts";

/** Column i keeps i with probability keep[i], else gives other[i]. */
export interface Alias {
  readonly keep: Float64Array;
  readonly other: Int32Array;
}

/** The table for weights ≥ 0 of positive sum. */
export function aliasTable(weights: ArrayLike<number>): Alias {
  const n = weights.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += weights[i]!;
  const keep = Float64Array.from(weights, (w) => (w * n) / sum);
  const other = Int32Array.from(weights, (_, i) => i);
  const small: number[] = [];
  const large: number[] = [];
  for (let i = 0; i < n; i++) (keep[i]! < 1 ? small : large).push(i);
  while (small.length > 0 && large.length > 0) {
    const [s, l] = [small.pop()!, large.at(-1)!];
    other[s] = l;
    keep[l]! -= 1 - keep[s]!;
    if (keep[l]! < 1) small.push(large.pop()!);
  }
  // What is left differs from 1 only by rounding; a weight of 0 must still never be drawn.
  for (const i of large) keep[i] = 1;
  for (const i of small) {
    if (weights[i]! > 0) keep[i] = 1;
    else other[i] = heaviest(weights);
  }
  return { keep, other };
}

function heaviest(weights: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < weights.length; i++) if (weights[i]! > weights[best]!) best = i;
  return best;
}

/** One position, drawn with probability proportional to its weight. */
export function drawAlias({ keep, other }: Alias, rng: Rng): number {
  const i = rng.below(keep.length);
  return rng.uniform() < keep[i]! ? i : other[i]!;
}
