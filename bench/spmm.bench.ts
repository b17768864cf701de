// Graph propagation at gowalla's size: a random 70,839 × 70,839 matrix with 1.62 million entries times 64 columns.

import { bench, do_not_optimize } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { spmm } from "../src/kernels/spmm.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const ROWS = 70_839;
const ENTRIES = 1_620_256;
const WIDTH = 64;

for (const threads of [1, 2]) {
  const k = await openKernels(threads);
  const scope = k.scope();
  const rng = createRng("spmm");
  const indptr = scope.i32(ROWS + 1);
  for (let t = 0; t < ENTRIES; t++) indptr[1 + Math.floor(ROWS * rng.uniform() ** 2)]!++;
  for (let r = 0; r < ROWS; r++) indptr[r + 1]! += indptr[r]!;
  const indices = scope.i32(ENTRIES);
  for (let t = 0; t < ENTRIES; t++) indices[t] = Math.floor(ROWS * rng.uniform() ** 2);
  const values = scope.copy(Float32Array.from({ length: ENTRIES }, () => rng.uniform()));
  const X = scope.copy(Float32Array.from({ length: ROWS * WIDTH }, () => rng.normal()));
  const out = scope.f32(ROWS * WIDTH);
  for (const [name, matrix] of [
    ["with values", { indptr, indices, values }],
    ["of ones", { indptr, indices }],
  ] as const) {
    bench(`${ENTRIES} entries ${name} × ${WIDTH}, ${threads} threads`, async () => {
      await spmm(k, matrix, ROWS, X, WIDTH, out);
      do_not_optimize(out[0]);
    });
  }
}

/** Milliseconds. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [`${name}: ms`, ns / 1e6]));
