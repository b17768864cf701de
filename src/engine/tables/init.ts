// What the rows of an embedding table start from: fillers of consecutive blocks, for createEmbeddingTable's `init`.

import type { Rng } from "../../base/rng.ts";

/** Independent normal numbers of mean 0. */
export const normalRows =
  (rng: Rng, deviation: number) =>
  (block: Float32Array): void => {
    for (let i = 0; i < block.length; i++) block[i] = deviation * rng.normal();
  };

/** Independent uniform numbers in [-bound, bound). */
export const uniformRows =
  (rng: Rng, bound: number) =>
  (block: Float32Array): void => {
    for (let i = 0; i < block.length; i++) block[i] = bound * (2 * rng.uniform() - 1);
  };

/** The rows of a table that is there already. */
export function givenRows(data: Float32Array): (block: Float32Array) => void {
  let at = 0;
  return (block) => {
    if (at + block.length > data.length) {
      throw new RangeError(
        `the given rows end after ${data.length} numbers; the table needs ${at + block.length} or more`,
      );
    }
    block.set(data.subarray(at, at + block.length));
    at += block.length;
  };
}
