// Where users' relevant items are in their whole rankings: what metrics need that no k cuts off.

import { countLevels } from "../kernels/count-levels.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Places } from "../kinds/metric.ts";

/** One user's row of scores: `candidates` of them are numbers, NaN is no candidate. */
export interface PlacedRow {
  readonly scores: Float32Array;
  readonly wanted: Int32Array;
  readonly candidates: number;
}

/**
 * The places of each row's wanted items, ascending in `wanted`; one that is no candidate comes after all. `scores` holds
 * the rows one after the other, in kernel memory, and is as it was afterwards.
 */
export async function placesOf(kernels: Kernels, scores: Float32Array, rows: readonly PlacedRow[]): Promise<Places[]> {
  const scope = kernels.scope();
  try {
    const [b, n] = [rows.length, scores.length / rows.length];
    const indptr = scope.i32(b + 1);
    for (const [r, { wanted }] of rows.entries()) indptr[r + 1] = indptr[r]! + wanted.length;
    const levels = scope.f32(indptr[b]!);
    for (const [r, row] of rows.entries()) {
      for (const [e, item] of row.wanted.entries()) levels[indptr[r]! + e] = row.scores[item]!;
      for (const item of row.wanted) row.scores[item] = Number.NaN;
    }
    const [above, equal] = [scope.i32(levels.length), scope.i32(levels.length)];
    await countLevels(kernels, { scores, b, n, indptr, levels, above, equal });
    return rows.map(({ scores, wanted, candidates }, r) => {
      const [from, to] = [indptr[r]!, indptr[r + 1]!];
      const own = levels.subarray(from, to);
      for (const [e, item] of wanted.entries()) scores[item] = own[e]!;
      const others = candidates - own.reduce((sum, level) => sum + (Number.isNaN(level) ? 0 : 1), 0);
      return {
        above: above.slice(from, to).map((count, e) => (Number.isNaN(own[e]!) ? others : count)),
        tied: equal.slice(from, to),
        others,
      };
    });
  } finally {
    scope.free();
  }
}
