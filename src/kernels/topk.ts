// The best of n scores, without the excluded items.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";

/**
 * Writes the best `top` of scores[0..n) to outItems and outScores (≥ top elements each), score descending, ties by lower
 * index, NaN never; excludeSorted (ascending, may be empty) is left out. Returns how many were written.
 */
export function topk(
  k: Kernels,
  scores: Float32Array,
  n: number,
  excludeSorted: Int32Array,
  top: number,
  outItems: Int32Array,
  outScores: Float32Array,
): number {
  if (scores.length < n) throw new RangeError(`scores must have at least ${n} elements, got ${scores.length}`);
  checkLength("scores", scores, scores.length);
  checkLength("excludeSorted", excludeSorted, excludeSorted.length);
  for (const [name, array] of [["outItems", outItems] as const, ["outScores", outScores] as const]) {
    if (array.length < top) throw new RangeError(`${name} must have at least ${top} elements, got ${array.length}`);
    checkLength(name, array, array.length);
  }
  return k.exports["topk"]!(
    ...[scores.byteOffset, n, excludeSorted.byteOffset, excludeSorted.length, top],
    ...[outItems.byteOffset, outScores.byteOffset],
  );
}
