import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { recommendFactors, recommendScores } from "./recommend-many.ts";

let one: Kernels;
let three: Kernels;
beforeAll(async () => {
  one = await openKernels(1);
  three = await openKernels(3);
});
afterAll(async () => {
  await one.close();
  await three.close();
});

interface Case {
  b: number;
  n: number;
  exclude: readonly (readonly number[])[];
  top: number;
}

/** Sorts every row: score descending, then item ascending, without NaN, −∞ and excluded items. */
function plain(scores: Float32Array, { b, n, exclude, top }: Case) {
  const items: number[] = [];
  const best: number[] = [];
  for (let u = 0; u < b; u++) {
    const row = scores.subarray(u * n, (u + 1) * n);
    const order = Array.from(row.keys())
      .filter((i) => row[i]! > Number.NEGATIVE_INFINITY && !exclude[u]!.includes(i))
      .sort((i, j) => (row[j] === row[i] ? i - j : row[j]! > row[i]! ? 1 : -1))
      .slice(0, top);
    for (let t = 0; t < top; t++) {
      items.push(order[t] ?? -1);
      best.push(t < order.length ? row[order[t]!]! : Number.NEGATIVE_INFINITY);
    }
  }
  return { items, scores: best };
}

async function run(
  k: Kernels,
  c: Case,
  given:
    | { scores: Float32Array }
    | { users: Float32Array; items: Float32Array; d: number; gain?: Float32Array; bias?: Float32Array },
) {
  const scope = k.scope();
  try {
    const indptr = [0];
    for (const row of c.exclude) indptr.push(indptr.at(-1)! + row.length);
    const shared = {
      ...{ b: c.b, n: c.n, top: c.top },
      excludeIndptr: scope.copy(Int32Array.from(indptr)),
      excludeIndices: scope.copy(Int32Array.from(c.exclude.flat())),
      outItems: scope.i32(c.b * c.top).fill(7),
      outScores: scope.f32(c.b * c.top).fill(7),
    };
    if ("scores" in given) await recommendScores(k, { ...shared, scores: scope.copy(given.scores) });
    else {
      await recommendFactors(k, {
        ...shared,
        users: scope.copy(given.users),
        items: scope.copy(given.items),
        d: given.d,
        ...(given.gain && { gain: scope.copy(given.gain) }),
        ...(given.bias && { bias: scope.copy(given.bias) }),
      });
    }
    return { items: Array.from(shared.outItems), scores: Array.from(shared.outScores) };
  } finally {
    scope.free();
  }
}

const shapes = fc
  .record({ b: fc.nat(5), n: fc.nat(70), top: fc.nat(12), seed: fc.nat() })
  .chain(({ b, n, top, seed }) =>
    fc.record({
      ...{ b: fc.constant(b), n: fc.constant(n), top: fc.constant(top), seed: fc.constant(seed) },
      exclude: fc.array(fc.array(fc.nat(Math.max(0, n - 1)), { maxLength: n ? 8 : 0 }), {
        minLength: b,
        maxLength: b,
      }),
    }),
  );

test("ready-made scores with ties, infinities and NaN rank as a plain sort does", () =>
  fc.assert(
    fc.asyncProperty(shapes, async (c) => {
      const rng = createRng(c.seed);
      const values = [0, -0, 1, 2, 2, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5];
      const scores = Float32Array.from({ length: c.b * c.n }, () => values[rng.below(values.length)]!);
      expect(await run(one, c, { scores })).toEqual(plain(scores, c));
    }),
    { numRuns: 300 },
  ));

// Small integers make every score exact, so the order of the sum does not matter and ties are common.
const integers = (n: number, seed: string) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: n }, () => rng.below(7) - 3);
};

function factorCase(c: Case & { seed: number }, d: number, scaled: boolean) {
  const users = integers(c.b * d, `u${c.seed}`);
  const items = integers(c.n * d, `i${c.seed}`);
  const gain = integers(c.n, `g${c.seed}`);
  const bias = integers(c.n, `b${c.seed}`);
  const scores = new Float32Array(c.b * c.n);
  for (let u = 0; u < c.b; u++) {
    for (let i = 0; i < c.n; i++) {
      let sum = 0;
      for (let t = 0; t < d; t++) sum += users[u * d + t]! * items[i * d + t]!;
      scores[u * c.n + i] = scaled ? sum * gain[i]! + bias[i]! : sum;
    }
  }
  return { given: { users, items, d, ...(scaled && { gain, bias }) }, scores };
}

test("factors rank as their plain scores do", () =>
  fc.assert(
    fc.asyncProperty(shapes, fc.integer({ min: 1, max: 13 }), fc.boolean(), async (c, d, scaled) => {
      const { given, scores } = factorCase(c, d, scaled);
      expect(await run(one, c, given)).toEqual(plain(scores, c));
    }),
    { numRuns: 150 },
  ));

test.each([
  [70, 2500, 9, 30],
  [5, 1030, 300, 1100],
])("%i users × %i items at d=%i, top %i, over blocks, chunks and threads", async (b, n, d, top) => {
  const rng = createRng("large");
  const exclude = Array.from({ length: b }, () => Array.from({ length: rng.below(40) }, () => rng.below(n)));
  const c = { b, n, top, exclude, seed: 3 };
  const { given, scores } = factorCase(c, d, true);
  const want = plain(scores, c);
  expect(await run(three, c, given)).toEqual(want);
  expect(await run(one, c, given)).toEqual(want);
  expect(await run(three, c, { scores })).toEqual(want);
});

test("NaN factors are never returned, the rest still is", async () => {
  const users = new Float32Array([1, Number.NaN]);
  const items = new Float32Array([3, Number.NaN, 5]);
  const got = await run(one, { b: 2, n: 3, top: 2, exclude: [[], []] }, { users, items, d: 1 });
  expect(got.items).toEqual([2, 0, -1, -1]);
});

test("a wrong length is refused", async () => {
  const given = { users: new Float32Array(3), items: new Float32Array(4), d: 2 };
  await expect(run(one, { b: 1, n: 2, top: 1, exclude: [[]] }, given)).rejects.toThrow("users must have 2 elements");
});
