// Full ranking at gowalla's width: 4,096 of its 29,858 users against every item, training items excluded, top 20.

import { bench, do_not_optimize } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { recommendFactors } from "../src/kernels/recommend-many.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const USERS = 4096;
const ALL_USERS = 29_858;
const ITEMS = 40_981;
const D = 64;
const TOP = 20;
const EXCLUDED = 27;

for (const threads of [1, 2]) {
  const k = await openKernels(threads);
  const scope = k.scope();
  const rng = createRng("recommend");
  const excludeIndices = scope.i32(USERS * EXCLUDED);
  for (let t = 0; t < excludeIndices.length; t++) excludeIndices[t] = rng.below(ITEMS);
  const excludeIndptr = scope.i32(USERS + 1);
  for (let u = 1; u <= USERS; u++) excludeIndptr[u] = u * EXCLUDED;
  const normals = (n: number) => scope.copy(Float32Array.from({ length: n }, () => rng.normal()));
  const outItems = scope.i32(USERS * TOP);
  const given = {
    ...{ users: normals(USERS * D), b: USERS, items: normals(ITEMS * D), n: ITEMS, d: D, top: TOP },
    ...{ excludeIndptr, excludeIndices, outItems, outScores: scope.f32(USERS * TOP) },
  };
  bench(`${USERS} users × ${ITEMS} items, d=${D}, top ${TOP}, ${threads} threads`, async () => {
    await recommendFactors(k, given);
    do_not_optimize(outItems[0]);
  });
}

/** Seconds for all of gowalla at this rate, and GFLOP/s of the scores with everything counted in. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(
    Object.entries(medianNs).flatMap(([name, ns]) => [
      [`${name}: s for ${ALL_USERS} users`, ((ns / 1e9) * ALL_USERS) / USERS],
      [`${name}: GFLOP/s`, (2 * USERS * ITEMS * D) / ns],
    ]),
  );
