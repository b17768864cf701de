import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { gramDense, gramSparse } from "./gram.ts";
import type { Kernels } from "./kernels.ts";

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

/** XᵀX of a dense rows × d matrix. */
function plain(X: ArrayLike<number>, rows: number, d: number): number[] {
  const out = new Array<number>(d * d).fill(0);
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) out[i * d + j]! += X[r * d + i]! * X[r * d + j]!;
  }
  return out;
}

const random = (n: number, seed: string | number, number = (rng: ReturnType<typeof createRng>) => rng.below(9) - 4) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: n }, () => number(rng));
};

async function dense(k: Kernels, X: Float32Array, rows: number, d: number, weight?: number) {
  const scope = k.scope();
  try {
    const out = scope.f32(d * d).fill(7);
    await gramDense(k, scope.copy(X), rows, d, out, weight);
    return Array.from(out);
  } finally {
    scope.free();
  }
}

// Integers: every sum is exact.
test("a dense Gramian equals the plain one", () =>
  fc.assert(
    fc.asyncProperty(fc.nat(40), fc.nat(20), fc.nat(), async (rows, d, seed) => {
      const X = random(rows * d, seed);
      expect(await dense(one, X, rows, d, 2)).toEqual(plain(X, rows, d).map((v) => 2 * v));
    }),
    { numRuns: 100 },
  ));

test("a long dense Gramian is symmetric and has the same bits for any threads", async () => {
  const X = random(5003 * 13, "x", (rng) => rng.normal());
  const a = await dense(one, X, 5003, 13);
  expect(await dense(three, X, 5003, 13)).toEqual(a);
  const want = plain(X, 5003, 13);
  for (let i = 0; i < 13; i++) {
    for (let j = 0; j < 13; j++) {
      expect(a[i * 13 + j]).toBe(a[j * 13 + i]);
      expect(Math.abs(a[i * 13 + j]! - want[i * 13 + j]!)).toBeLessThan(0.05);
    }
  }
});

async function sparse(k: Kernels, X: Float32Array, users: number, items: number, ones: boolean) {
  const scope = k.scope();
  try {
    const indptr = [0];
    const indices: number[] = [];
    const values: number[] = [];
    for (let u = 0; u < users; u++) {
      for (let i = 0; i < items; i++) {
        if (X[u * items + i] === 0) continue;
        indices.push(i);
        values.push(X[u * items + i]!);
      }
      indptr.push(indices.length);
    }
    const csr = {
      indptr: scope.copy(Int32Array.from(indptr)),
      indices: scope.copy(Int32Array.from(indices)),
      ...(!ones && { values: scope.copy(Float32Array.from(values)) }),
    };
    const out = scope.f32(items * items).fill(7);
    await gramSparse(k, csr, users, items, out);
    return Array.from(out);
  } finally {
    scope.free();
  }
}

test("a sparse Gramian equals the plain one, with and without values", () =>
  fc.assert(
    fc.asyncProperty(fc.nat(15), fc.nat(15), fc.nat(), fc.boolean(), async (users, items, seed, ones) => {
      const X = random(users * items, seed, (rng) => (rng.below(3) ? 0 : ones ? 1 : 1 + rng.below(4)));
      const want = plain(X, users, items);
      expect(await sparse(one, X, users, items, ones)).toEqual(want);
      expect(await sparse(three, X, users, items, ones)).toEqual(want);
    }),
    { numRuns: 60 },
  ));

test("a wrong length is refused", async () => {
  const scope = one.scope();
  await expect(gramDense(one, scope.f32(6), 2, 3, scope.f32(6))).rejects.toThrow(RangeError);
  scope.free();
});
