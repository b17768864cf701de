import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { countLevels } from "./count-levels.ts";
import type { Kernels } from "./kernels.ts";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await openKernels(3);
});
afterAll(() => kernels.close());

async function check(n: number, rows: readonly { scores: readonly number[]; levels: readonly number[] }[]) {
  const scope = kernels.scope();
  try {
    const scores = scope.copy(Float32Array.from(rows.flatMap((row) => row.scores)));
    const levels = scope.copy(Float32Array.from(rows.flatMap((row) => row.levels)));
    const indptr = scope.i32(rows.length + 1);
    for (const [r, row] of rows.entries()) indptr[r + 1] = indptr[r]! + row.levels.length;
    const [above, equal] = [scope.i32(levels.length), scope.i32(levels.length)];
    await countLevels(kernels, { ...{ scores, b: rows.length, n, indptr, levels, above, equal } });
    const count = (holds: (score: number, level: number) => boolean) =>
      rows.flatMap((row) => row.levels.map((level) => row.scores.filter((score) => holds(score, level)).length));
    expect([...above]).toEqual(count((score, level) => score > level));
    expect([...equal]).toEqual(count((score, level) => score === level));
  } finally {
    scope.free();
  }
}

test("counts what is above and equal, ties, infinities and NaN included", async () => {
  const number = fc.constantFrom(-1, 0, -0, 0.5, 2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4 }), fc.nat(), async (n, b, seed) => {
      const [values] = fc.sample(fc.array(number, { minLength: b * (n + 5), maxLength: b * (n + 5) }), {
        seed,
        numRuns: 1,
      });
      const row = (r: number) => ({
        scores: values!.slice(r * (n + 5), r * (n + 5) + n),
        levels: values!.slice(r * (n + 5) + n, (r + 1) * (n + 5)).slice(r % 5),
      });
      await check(
        n,
        Array.from({ length: b }, (_, r) => row(r)),
      );
    }),
  );
});

test("long rows, in chunks and on several threads", async () => {
  const [rng, n] = [createRng(1), 5003];
  const draw = (count: number) => Array.from({ length: count }, () => rng.below(50) / 8);
  await check(
    n,
    Array.from({ length: 30 }, (_, r) => ({ scores: draw(n), levels: draw(r % 7) })),
  );
});
