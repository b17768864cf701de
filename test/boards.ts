// Small interactions whose answers are known, for tests.

import { createRng } from "../src/base/rng.ts";
import type { Interactions } from "../src/data/interactions.ts";

/** One ascending list of items per user. */
export function fromRows(rows: readonly (readonly number[])[], items: number): Interactions {
  const indptr = new Int32Array(rows.length + 1);
  rows.forEach((row, u) => {
    indptr[u + 1] = indptr[u]! + row.length;
  });
  const indices = Int32Array.from(rows.flat());
  return { users: rows.length, items, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}

/**
 * The checkerboard (as in the tests of the library implicit): user u took every item of u's parity but item u itself,
 * so the best item that u has not taken is u.
 */
export const checkerboard = (size: number): Interactions =>
  fromRows(
    Array.from({ length: size }, (_, u) =>
      Array.from({ length: size }, (_, i) => i).filter((i) => i % 2 === u % 2 && i !== u),
    ),
    size,
  );

/** Overlapping tastes at random, with a user (7) and an item (11) that have nothing. */
export function randomBoard(seed: number): Interactions {
  const rng = createRng(seed);
  const rows = Array.from({ length: 25 }, (_, u) =>
    u === 7
      ? []
      : Array.from({ length: 18 }, (_, i) => i).filter(
          (i) => i !== 11 && rng.uniform() < (i % 3 === u % 3 ? 0.6 : 0.1),
        ),
  );
  return fromRows(rows, 18);
}
