// A·Bᵀ at the sizes that scoring and training use, on one and on all threads.

import { bench, do_not_optimize } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { gemmNN, gemmNT } from "../src/kernels/gemm.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const CASES = [
  { product: gemmNT, m: 4096, n: 4096, d: 64 },
  { product: gemmNT, m: 1024, n: 1024, d: 1024 },
  { product: gemmNN, m: 1024, n: 1024, d: 1024 },
] as const;

const gflop: Record<string, number> = {};
for (const threads of [1, 2]) {
  const k = await openKernels(threads);
  const scope = k.scope();
  const rng = createRng("gemm");
  for (const { product, m, n, d } of CASES) {
    const A = scope.f32(m * d).map(() => rng.normal());
    const [a, b, out] = [scope.copy(A), scope.copy(A.slice(0, n * d)), scope.f32(m * n)];
    const name = `${product.name} ${m}×${n}×${d}, ${threads} threads`;
    gflop[name] = 2e-9 * m * n * d;
    bench(name, async () => {
      await (product === gemmNT ? gemmNT(k, a, b, m, n, d, out) : gemmNN(k, a, b, m, d, n, out));
      do_not_optimize(out[0]);
    });
  }
}

/** GFLOP/s. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [name, (gflop[name]! / ns) * 1e9]));
