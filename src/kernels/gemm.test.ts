import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { gemmNN, gemmNT, gemmTN } from "./gemm.ts";
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

const random = (n: number, seed: string) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: n }, () => rng.normal());
};

const transposed = (a: Float32Array, rows: number, columns: number) =>
  Float32Array.from({ length: rows * columns }, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)]!);

/** A (m×p) · B (p×n) in float64. */
function plain(A: Float32Array, B: Float32Array, m: number, p: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) for (let t = 0; t < p; t++) out[i * n + j]! += A[i * p + t]! * B[t * n + j]!;
  }
  return out;
}

type Product = typeof gemmNT;
async function compute(k: Kernels, f: Product, A: Float32Array, B: Float32Array, sizes: [number, number, number]) {
  const scope = k.scope();
  try {
    const out = scope.f32(sizes[0] * (f === gemmNT ? sizes[1] : sizes[2])).fill(Number.NaN);
    await f(k, scope.copy(A), scope.copy(B), ...sizes, out);
    return out.slice();
  } finally {
    scope.free();
  }
}

// Rounding of a float32 sum of p products of normal numbers; 2⁻²⁴·p·few is far above what occurs.
const near = (got: Float32Array, want: Float64Array, p: number) => {
  expect(got.length).toBe(want.length);
  const worst = want.reduce((most, v, i) => Math.max(most, Math.abs(got[i]! - v)), 0);
  expect(worst).toBeLessThan(1e-5 * (1 + Math.sqrt(p)));
};

async function check(k: Kernels, m: number, p: number, n: number): Promise<void> {
  const A = random(m * p, `a${m}${p}${n}`);
  const B = random(p * n, `b${m}${p}${n}`);
  const want = plain(A, B, m, p, n);
  near(await compute(k, gemmNN, A, B, [m, p, n]), want, p);
  near(await compute(k, gemmNT, A, transposed(B, p, n), [m, n, p]), want, p);
  near(await compute(k, gemmTN, transposed(A, m, p), B, [m, p, n]), want, p);
}

test("products of any small size equal the plain ones", () =>
  fc.assert(
    fc.asyncProperty(fc.nat(21), fc.nat(21), fc.nat(21), (m, p, n) => check(one, m, p, n)),
    { numRuns: 150 },
  ));

test.each([
  [70, 300, 90],
  [1, 64, 1000],
  [1000, 5, 1],
  [129, 513, 67],
])("a product of %i × %i × %i, cut into blocks and threads", (m, p, n) => check(three, m, p, n));

test("the bits do not depend on the threads or on the neighbours of a row", async () => {
  const A = random(200 * 300, "a");
  const B = random(150 * 300, "b");
  const a = await compute(one, gemmNT, A, B, [200, 150, 300]);
  expect(await compute(three, gemmNT, A, B, [200, 150, 300])).toEqual(a);
  const row = await compute(one, gemmNT, A.subarray(7 * 300, 8 * 300), B, [1, 150, 300]);
  expect(row).toEqual(a.slice(7 * 150, 8 * 150));
});

test("a wrong length or an array outside kernel memory is refused", async () => {
  const scope = one.scope();
  const [A, B, out] = [scope.f32(6), scope.f32(6), scope.f32(4)];
  await expect(gemmNT(one, A, B, 2, 2, 2, out)).rejects.toThrow(RangeError);
  await expect(gemmNT(one, new Float32Array(6), B, 2, 2, 3, out)).rejects.toThrow("kernel memory");
  scope.free();
});
