// A history in two parts, of which one predicts the other.

import type { Rng } from "../base/rng.ts";

/** Neither of them is empty. */
export interface Halves {
  readonly kept: Int32Array;
  readonly held: Int32Array;
}

/** A history of two items or more divided at random, about `keep` of it in the first part. */
export function halve(history: Int32Array, keep: number, draws: Rng): Halves {
  const shuffled = draws.shuffle(history.slice());
  const count = Math.min(history.length - 1, Math.max(1, Math.round(keep * history.length)));
  return { kept: shuffled.subarray(0, count), held: shuffled.subarray(count) };
}
