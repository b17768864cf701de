// iALS half steps at gowalla's size: 29,858 users × 40,981 items, 810,128 interactions, d = 64.

import { bench, do_not_optimize } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { gramDense } from "../src/kernels/gram.ts";
import { ialsHalfStep } from "../src/kernels/ials.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const USERS = 29_858;
const ITEMS = 40_981;
const ENTRIES = 810_128;
const D = 64;

for (const threads of [1, 2]) {
  const k = await openKernels(threads);
  const scope = k.scope();
  const rng = createRng("ials");
  const indptr = scope.i32(USERS + 1);
  for (let t = 0; t < ENTRIES; t++) indptr[1 + Math.floor(USERS * rng.uniform() ** 2)]!++;
  for (let u = 0; u < USERS; u++) indptr[u + 1]! += indptr[u]!;
  const indices = scope.i32(ENTRIES);
  for (let t = 0; t < ENTRIES; t++) indices[t] = Math.floor(ITEMS * rng.uniform() ** 2);
  const source = scope.copy(Float32Array.from({ length: ITEMS * D }, () => rng.normal() / 8));
  const target = scope.copy(Float32Array.from({ length: USERS * D }, () => rng.normal() / 8));
  const gram = scope.f32(D * D);
  for (const cgSteps of [0, 3]) {
    bench(`users, ${cgSteps ? `${cgSteps} CG steps` : "exact"}, ${threads} threads`, async () => {
      await gramDense(k, source, ITEMS, D, gram, 0.1);
      await ialsHalfStep(k, {
        ...{ target, source, gram, indptr, indices, rows: USERS, d: D, totalOther: ITEMS, cgSteps },
        ...{ reg: 0.01, frequencyPower: 1, unobserved: 0.1 },
      });
      do_not_optimize(target[0]);
    });
  }
}

/** Milliseconds. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [`${name}: ms`, ns / 1e6]));
