import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { balancedRanges } from "./check.ts";
import type { Kernels } from "./kernels.ts";
import { spmm, spmmFew, spmmPicked } from "./spmm.ts";

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

interface Sparse {
  indptr: Int32Array;
  indices: Int32Array;
  values: Float32Array;
}

function randomCsr(rows: number, cols: number, seed: number, most: number): Sparse {
  const rng = createRng(seed);
  const indptr = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let r = 0; r < rows; r++) {
    const count = cols === 0 || rng.below(3) === 0 ? 0 : rng.below(most + 1);
    for (let t = 0; t < count; t++) indices.push(rng.below(cols));
    indptr[r + 1] = indices.length;
  }
  return { indptr, indices: Int32Array.from(indices), values: Float32Array.from(indices, () => rng.below(9) - 4) };
}

async function run(k: Kernels, s: Sparse, rows: number, X: Float32Array, width: number, ones: boolean, add: boolean) {
  const scope = k.scope();
  try {
    const out = scope.f32(rows * width).fill(2);
    const matrix = {
      indptr: scope.copy(s.indptr),
      indices: scope.copy(s.indices),
      ...(!ones && { values: scope.copy(s.values) }),
    };
    await spmm(k, matrix, rows, scope.copy(X), width, out, { add: add ? out : undefined });
    return Array.from(out);
  } finally {
    scope.free();
  }
}

function plain(s: Sparse, rows: number, X: Float32Array, width: number, ones: boolean, add: boolean): number[] {
  const out = new Array<number>(rows * width).fill(add ? 2 : 0);
  for (let r = 0; r < rows; r++) {
    for (let t = s.indptr[r]!; t < s.indptr[r + 1]!; t++) {
      for (let c = 0; c < width; c++) {
        out[r * width + c]! += (ones ? 1 : s.values[t]!) * X[s.indices[t]! * width + c]!;
      }
    }
  }
  return out;
}

// Integers: every sum is exact.
test("equals the plain product for any shape, with and without values, set and added", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({ rows: fc.nat(9), cols: fc.nat(9), width: fc.nat(150), seed: fc.nat() }),
      fc.boolean(),
      fc.boolean(),
      async ({ rows, cols, width, seed }, ones, add) => {
        const s = randomCsr(rows, cols, seed, 12);
        const rng = createRng(`${seed}x`);
        const X = Float32Array.from({ length: cols * width }, () => rng.below(99) - 50);
        expect(await run(one, s, rows, X, width, ones, add)).toEqual(plain(s, rows, X, width, ones, add));
      },
    ),
    { numRuns: 200 },
  ));

test("the bits do not depend on the threads", async () => {
  const s = randomCsr(3000, 500, 1, 60);
  const rng = createRng("x");
  const X = Float32Array.from({ length: 500 * 64 }, () => rng.normal());
  const a = await run(one, s, 3000, X, 64, false, false);
  expect(await run(three, s, 3000, X, 64, false, false)).toEqual(a);
  const want = plain(s, 3000, X, 64, false, false);
  for (let i = 0; i < a.length; i += 37) expect(Math.abs(a[i]! - want[i]!)).toBeLessThan(1e-3);
});

test("a base by slots, a scale, picked rows and few rows of X are the plain product's", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({ rows: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 90 }), seed: fc.nat() }),
      fc.constantFrom(0, 2),
      async ({ rows, width, seed }, thread) => {
        const k = thread ? three : one;
        const rng = createRng(`${seed}x`);
        const s = randomCsr(rows, rows, seed, 12);
        const slots = Int32Array.from({ length: rows }, () => -1);
        const few = Array.from({ length: rows }, (_, r) => r).filter(() => rng.below(2) === 0);
        for (const [slot, r] of few.entries()) slots[r] = slot;
        const full = new Float32Array(rows * width);
        for (const r of few) for (let c = r * width; c < (r + 1) * width; c++) full[c] = rng.below(99) - 50;
        const product = plain(s, rows, full, width, false, false);
        const want = product.map((value, at) => 2 * (value + full[at]!));
        const scope = k.scope();
        try {
          const matrix = { indptr: scope.copy(s.indptr), indices: scope.copy(s.indices), values: scope.copy(s.values) };
          const compact = Float32Array.from(few.flatMap((r) => [...full.subarray(r * width, (r + 1) * width)]));
          const sparse = { rows: scope.copy(compact), slots: scope.copy(slots) };
          const X = scope.copy(full);
          const out = scope.f32(rows * width).fill(Number.NaN);
          await spmm(k, matrix, rows, X, width, out, { add: sparse, scale: 2 });
          expect(Array.from(out, (value) => value + 0)).toEqual(want.map((value) => value + 0));
          out.fill(Number.NaN);
          await spmmFew(k, matrix, rows, sparse, width, out, 2);
          expect(Array.from(out, (value) => value + 0)).toEqual(want.map((value) => value + 0));
          const picked = scope.copy(Int32Array.from([rows - 1, 0]));
          const some = scope.f32(2 * width);
          await spmmPicked(k, matrix, rows, picked, X, width, some, { add: X, scale: 2 });
          expect(Array.from(some, (value) => value + 0)).toEqual(
            [...want.slice((rows - 1) * width), ...want.slice(0, width)].map((value) => value + 0),
          );
        } finally {
          scope.free();
        }
      },
    ),
    { numRuns: 100 },
  ));

test("ranges cover all rows once and in order", () =>
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (counts, parts) => {
      const indptr = [0];
      for (const n of counts) indptr.push(indptr.at(-1)! + n);
      let at = 0;
      for (const [start, end] of balancedRanges(indptr, counts.length, parts)) {
        expect(start).toBe(at);
        expect(end).toBeGreaterThan(start);
        at = end;
      }
      expect(at).toBe(counts.length);
    }),
  ));

test("a row pointer that does not match its entries is refused", async () => {
  const s = { indptr: Int32Array.of(0, 2), indices: Int32Array.of(0), values: Float32Array.of(1) };
  await expect(run(one, s, 1, new Float32Array(4), 4, false, false)).rejects.toThrow("matrix.indices");
});
