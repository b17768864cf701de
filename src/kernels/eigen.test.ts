import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { symmetricEigen } from "./eigen.ts";
import type { Kernels } from "./kernels.ts";

let k: Kernels;
beforeAll(async () => {
  k = await openKernels(1);
});
afterAll(() => k.close());

/** Checks A·vⱼ = λⱼ·vⱼ, orthonormal vectors and descending values. */
function check(A: Float32Array, n: number): void {
  const scope = k.scope();
  const { values, vectors } = symmetricEigen(k, scope.copy(A), n);
  scope.free();
  const scale = 1 + Math.hypot(...A);
  for (let j = 0; j < n; j++) {
    if (j > 0) expect(values[j]!).toBeLessThanOrEqual(values[j - 1]!);
    for (let i = 0; i < n; i++) {
      let product = 0;
      let dot = 0;
      for (let c = 0; c < n; c++) {
        product += A[i * n + c]! * vectors[j * n + c]!;
        dot += vectors[i * n + c]! * vectors[j * n + c]!;
      }
      expect(Math.abs(product - values[j]! * vectors[j * n + i]!)).toBeLessThan(1e-12 * scale);
      expect(Math.abs(dot - (i === j ? 1 : 0))).toBeLessThan(1e-12 * n);
    }
  }
}

const symmetric = (n: number, number: () => number) => {
  const A = new Float32Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) A[i * n + j] = A[j * n + i] = Math.fround(number());
  return A;
};

test("values and vectors satisfy the definition, also with repeated and zero values", () =>
  fc.assert(
    fc.property(fc.nat(12), fc.nat(), fc.integer({ min: 1, max: 3 }), (n, seed, levels) => {
      const rng = createRng(seed);
      check(
        symmetric(n, () => rng.below(levels * 2) - levels + 1),
        n,
      );
    }),
    { numRuns: 200 },
  ));

test("a larger matrix", () => {
  const rng = createRng(1);
  check(
    symmetric(60, () => rng.normal()),
    60,
  );
});

test("NaN is refused", () => {
  const scope = k.scope();
  expect(() => symmetricEigen(k, scope.f32(9).fill(Number.NaN), 3)).toThrow(RangeError);
  scope.free();
});
