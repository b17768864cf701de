// Ranks drawn so that the better come oftener: P(r) ~ exp(-r / scale) over 0 … n - 1.

import type { Rng } from "../base/rng.ts";

/** One rank. */
export function drawRank(n: number, scale: number, rng: Rng): number {
  // The inverse of 1 - e^{-r/scale}, cut at n.
  const most = -Math.expm1(-n / scale);
  return Math.min(n - 1, Math.floor(-scale * Math.log1p(-rng.uniform() * most)));
}

/** Up to `ranks.length` different ranks, rising; returns how many there are. */
export function drawRanks(n: number, scale: number, rng: Rng, ranks: Int32Array): number {
  const wanted = Math.min(n, ranks.length);
  const drawn = new Set<number>();
  // Rejection crawls once the likely ranks are taken: the best that are left fill up.
  for (let attempt = 0; drawn.size < wanted && attempt < 20 * wanted; attempt++) drawn.add(drawRank(n, scale, rng));
  for (let r = 0; drawn.size < wanted; r++) drawn.add(r);
  ranks.set([...drawn].sort((a, b) => a - b));
  return wanted;
}

/**
 * Up to `places.length` different places of positive weight, the heavier the likelier, rising; returns how many there are.
 * Drawn one after another without putting back: the smallest of exponential times with these rates (Efraimidis & Spirakis,
 * Information Processing Letters 2006).
 */
export function drawWeighted(weights: Float64Array, rng: Rng, places: Int32Array): number {
  const able: [number, number][] = [];
  for (const [at, weight] of weights.entries()) {
    if (weight > 0) able.push([-Math.log(1 - rng.uniform()) / weight, at]);
  }
  const drawn = able.sort(([a], [b]) => a - b).slice(0, places.length);
  places.set(drawn.map(([, at]) => at).sort((a, b) => a - b));
  return drawn.length;
}
