// Triples a second of a BPR epoch at d = 64, sampling included, at the sizes of MovieLens-1M and Gowalla.

import { bench } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { type BprOptions, bprEpoch, bprEpochParallel } from "../src/kernels/bpr.ts";
import type { Kernels } from "../src/kernels/kernels.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const SAMPLES = 500_000;
const sizes = { "ml-1m": [6040, 3706, 1_000_209], gowalla: [29_858, 40_981, 810_128] } as const;

/** Positives whose items follow a power law. */
function world(k: Kernels, [users, items, nnz]: readonly [number, number, number], d: number): BprOptions {
  const rng = createRng("bpr bench");
  const rows = Array.from({ length: users }, () => new Set<number>());
  for (let p = 0; p < nnz; p++) rows[rng.below(users)]!.add(Math.floor(items * rng.uniform() ** 2.5));
  const sorted = rows.map((row) => [...row].sort((a, b) => a - b));
  const s = k.scope();
  const indptr = s.i32(users + 1);
  sorted.forEach((row, u) => {
    indptr[u + 1] = indptr[u]! + row.length;
  });
  const indices = s.copy(Int32Array.from(sorted.flat()));
  const userOf = s.copy(Int32Array.from(sorted.flatMap((row, u) => row.map(() => u))));
  const random = (n: number) => s.copy(Float32Array.from({ length: n }, () => 0.1 * rng.normal()));
  return {
    ...{ users: random(users * d), items: random(items * d), userOf, itemOf: indices, indptr, indices, d },
    ...{ learningRate: 0.05, decay: 0.01, samples: SAMPLES, state: Uint32Array.of(1, 2, 3, 4) },
  };
}

const one = await openKernels(1);
const all = await openKernels();
for (const [name, size] of Object.entries(sizes)) {
  const options = world(one, size, 64);
  bench(`${name}, 1 thread`, () => bprEpoch(one, options));
  const shared = world(all, size, 64);
  bench(`${name}, ${all.threads} threads`, () => bprEpochParallel(all, shared));
}

/** Millions of triples a second. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [`${name}, M/s`, (SAMPLES * 1e3) / ns]));
