// One batch of histories in two parts, the kept one of which predicts the other among all items by sampled softmax:
//
//     L = scale · Σ_u √|held_u| · mean_{t ∈ held_u} -log softmax_t(s_u),   s_uj = q_u · row_j  for all items outside kept_u
//
// Candidates are whatever the batch holds out and items drawn from a distribution; s_uj is raised by the logarithm of one
// over the chance that j is a candidate, so that few of them stand for all (Jean et al., arXiv 1412.2007).

import type { Rng } from "../base/rng.ts";
import { type Alias, aliasTable, drawAlias } from "../data/alias.ts";
import { gemmNN, gemmNT, gemmTN } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { gather, scatterAdd } from "../kernels/rows.ts";
import { softmaxLossRows } from "../kernels/softmax.ts";
import type { CosineRows } from "./cosine-rows.ts";
import type { Halves } from "./halves.ts";

/** What no score comes near to from below. */
const NEVER = -1e4;

export interface Candidates {
  draw(rng: Rng): number;
  /** log 1/P(j is a candidate) of a batch of `share` of all users. */
  lift(item: number, share: number): number;
}

/** Candidates by popularity^power, `drawn` a batch, beside the `held` share of the users' items. */
export function popularCandidates(counts: Int32Array, power: number, drawn: number, held: number): Candidates {
  const weights = Float64Array.from(counts, (count) => Math.max(1, count) ** power);
  const sum = weights.reduce((a, b) => a + b, 0);
  const table: Alias = aliasTable(weights);
  return {
    draw: (rng) => drawAlias(table, rng),
    // P = 1 - (1 - p_j)^drawn · e^(-held · share · n_j)
    lift(item, share) {
      const missed = drawn * Math.log1p(-weights[item]! / sum) - held * share * counts[item]!;
      return -Math.log(-Math.expm1(Math.min(missed, -1e-12)));
    },
  };
}

/**
 * Adds the gradient to that of `rows` (items first, then one query for each of the batch); a query's number `bias` is 1 and
 * that of an item its bias. Returns L.
 */
export async function heldOutBatch(
  kernels: Kernels,
  { rows, gradient, width }: Pick<CosineRows, "rows" | "gradient" | "width">,
  { items, bias }: { readonly items: number; readonly bias: number },
  batch: readonly Halves[],
  candidates: Candidates,
  { drawn, share, scale }: { drawn: number; share: number; scale: number },
  draws: Rng,
): Promise<number> {
  const n = batch.length;
  const scope = kernels.scope();
  try {
    const place = new Map<number, number>();
    const met = (item: number) => {
      const at = place.get(item);
      if (at !== undefined) return at;
      place.set(item, place.size);
      return place.size - 1;
    };
    const held = batch.map((one) => one.held.map(met));
    for (let t = 0; t < drawn; t++) met(candidates.draw(draws));
    const ids = scope.copy(Int32Array.from(place.keys()));
    // Column 0 is where the kernel looks for a target; ours are several, and it never has a share.
    const columns = ids.length + 1;
    const against = scope.f32(columns * width);
    const listed = against.subarray(width);
    gather(kernels, rows, ids, width, listed);
    against[bias] = NEVER;
    for (const [c, item] of ids.entries()) listed[c * width + bias]! += candidates.lift(item, share);
    const queries = rows.subarray(items * width, (items + n) * width);
    const slopes = scope.f32(n * columns);
    await gemmNT(kernels, queries, against, n, columns, width, slopes);
    batch.forEach(({ kept }, u) => {
      for (const item of kept) {
        const at = place.get(item);
        if (at !== undefined) slopes[u * columns + at + 1] = NEVER;
      }
    });
    softmaxLossRows(kernels, slopes, n, columns, 1, slopes);
    let loss = 0;
    // The kernel's slopes are p / n; those of a user are √|held|(p - share of the targets) · scale.
    const weights = held.map((targets) => scale * Math.sqrt(targets.length));
    held.forEach((targets, u) => {
      const row = slopes.subarray(u * columns, (u + 1) * columns);
      row[0] = 0;
      const each = 1 / (targets.length * n);
      for (const t of targets) loss -= weights[u]! * (Math.log(Math.max(1e-30, row[t + 1]! * n)) / targets.length);
      for (const t of targets) row[t + 1]! -= each;
    });
    const [ofQueries, ofItems, weighed] = [scope.f32(n * width), scope.f32(columns * width), scope.copy(queries)];
    for (let u = 0; u < n; u++) for (let x = u * width; x < (u + 1) * width; x++) weighed[x]! *= weights[u]! * n;
    await gemmNN(kernels, slopes, against, n, columns, width, ofQueries);
    await gemmTN(kernels, slopes, weighed, columns, n, width, ofItems);
    scatterAdd(kernels, ofItems.subarray(width), ids, width, gradient);
    for (let u = 0; u < n; u++) {
      const at = u * width;
      for (let x = 0; x < width; x++) gradient[items * width + at + x]! += weights[u]! * n * ofQueries[at + x]!;
    }
    return loss;
  } finally {
    scope.free();
  }
}
