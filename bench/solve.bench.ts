// EASE's inverse: a 3,000 × 3,000 symmetric positive definite matrix; and a small eigenproblem.

import { bench, do_not_optimize } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { symmetricEigen } from "../src/kernels/eigen.ts";
import { gemmTN } from "../src/kernels/gemm.ts";
import { invertSpd } from "../src/kernels/solve.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const N = 3000;
const SMALL = 256;

for (const threads of [1, 2]) {
  const k = await openKernels(threads);
  const scope = k.scope();
  const rng = createRng("solve");
  const X = scope.copy(Float32Array.from({ length: 500 * N }, () => rng.normal()));
  const gram = scope.f32(N * N);
  await gemmTN(k, X, X, N, 500, N, gram);
  for (let i = 0; i < N; i++) gram[i * N + i]! += 500;
  const A = scope.f32(N * N);
  bench(`invertSpd n=${N}, ${threads} threads`, async () => {
    A.set(gram);
    if (!(await invertSpd(k, A, N))) throw new Error("not positive definite");
    do_not_optimize(A[0]);
  });
  if (threads > 1) continue;
  const small = scope.f32(SMALL * SMALL);
  for (let i = 0; i < SMALL; i++) for (let j = 0; j < SMALL; j++) small[i * SMALL + j] = gram[i * N + j]!;
  bench(`symmetricEigen n=${SMALL}`, () => do_not_optimize(symmetricEigen(k, small, SMALL)));
}

/** Seconds. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [`${name}: s`, ns / 1e9]));
