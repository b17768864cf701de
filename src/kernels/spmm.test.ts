import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { balancedRanges } from "./check.ts";
import type { Kernels } from "./kernels.ts";
import { spmm } from "./spmm.ts";

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
    await spmm(k, matrix, rows, scope.copy(X), width, out, { accumulate: add });
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
