// One batch of histories to complete: half of each predicts its other half among all items. Adds the gradient of
//
//     L = scale · Σ_u mean_{t ∈ held_u} -log softmax(q_u · row_t over all items outside kept_u),  q_u = |kept_u|^-½ Σ_{h ∈ kept_u} row_h
//
// into a gradient table. Items that nobody in the batch holds are drawn, and each stands for as many as there are of them.

import type { Rng } from "../base/rng.ts";
import { gemmNN, gemmNT, gemmTN } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { gather, scatterAdd } from "../kernels/rows.ts";
import { softmaxLossRows } from "../kernels/softmax.ts";
import { type Pool, poolScale } from "../recommender/recommender.ts";
import type { Halves } from "./halves.ts";

/** A score that no softmax sees; a far lower one would cost the sums of float32 their digits. */
const floor = -100;

export interface Completion {
  readonly pool: Pool;
  readonly items: number;
  /** Items drawn for the batch. */
  readonly negatives: number;
  readonly scale: number;
}

/** `rows` and `gradient` hold items × d numbers first; returns L. */
export async function completionBatch(
  kernels: Kernels,
  rows: Float32Array,
  gradient: Float32Array,
  d: number,
  batch: readonly Halves[],
  { pool, items, negatives, scale }: Completion,
  draws: Rng,
): Promise<number> {
  const n = batch.length;
  if (n === 0) return 0;
  const scope = kernels.scope();
  try {
    const [place, offset] = candidates(batch, items, negatives, draws);
    const ids = scope.copy(Int32Array.from(place.keys()));
    const c = ids.length;
    const [met, queries, scores] = [scope.f32(c * d), scope.f32(n * d), scope.f32(n * c)];
    gather(kernels, rows, ids, d, met);
    batch.forEach(({ kept }, u) => {
      const factor = poolScale(pool, kept.length);
      for (const h of kept) for (let x = 0; x < d; x++) queries[u * d + x]! += factor * rows[h * d + x]!;
    });
    await gemmNT(kernels, queries, met, n, c, d, scores);
    let loss = 0;
    batch.forEach(({ kept, held }, u) => {
      const row = scores.subarray(u * c, (u + 1) * c);
      for (let j = offset.from; j < c; j++) row[j]! += offset.by;
      for (const h of kept) if (place.has(h)) row[place.get(h)!] = floor;
      // The kernel's target is its first column, here whoever's that is: what it says is made good by theirs.
      const target = held.reduce((sum, t) => sum + row[place.get(t)!]!, 0) / held.length;
      loss += row[0]! - target;
    });
    loss = scale * (loss + n * softmaxLossRows(kernels, scores, n, c, 1, scores));
    const share = scale * n;
    for (let i = 0; i < n * c; i++) scores[i]! *= share;
    batch.forEach(({ held }, u) => {
      const row = scores.subarray(u * c, (u + 1) * c);
      row[0]! += scale;
      for (const t of held) row[place.get(t)!]! -= scale / held.length;
    });
    const [ofQueries, ofMet] = [scope.f32(n * d), scope.f32(c * d)];
    await gemmNN(kernels, scores, met, n, c, d, ofQueries);
    await gemmTN(kernels, scores, queries, c, n, d, ofMet);
    scatterAdd(kernels, ofMet, ids, d, gradient);
    batch.forEach(({ kept }, u) => {
      const factor = poolScale(pool, kept.length);
      for (const h of kept) for (let x = 0; x < d; x++) gradient[h * d + x]! += factor * ofQueries[u * d + x]!;
    });
    return loss;
  } finally {
    scope.free();
  }
}

/** Every held item and `negatives` others, by item its place; the others' scores are raised to stand for all others. */
function candidates(batch: readonly Halves[], items: number, negatives: number, draws: Rng) {
  const place = new Map<number, number>();
  for (const { held } of batch) for (const t of held) if (!place.has(t)) place.set(t, place.size);
  const from = place.size;
  const wanted = Math.min(negatives, items - from);
  if (wanted === items - from) {
    for (let j = 0; j < items; j++) if (!place.has(j)) place.set(j, place.size);
  }
  while (place.size < from + wanted) {
    const item = draws.below(items);
    if (!place.has(item)) place.set(item, place.size);
  }
  return [place, { from, by: wanted > 0 ? Math.log((items - from) / wanted) : 0 }] as const;
}
