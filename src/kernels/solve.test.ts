import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { invertSpd } from "./solve.ts";

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

/** XᵀX + ridge·I for a random rows × n matrix X. */
function spd(n: number, rows: number, ridge: number, seed: number): Float32Array {
  const rng = createRng(seed);
  const X = Float64Array.from({ length: rows * n }, () => rng.normal());
  const A = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? ridge : 0;
      for (let r = 0; r < rows; r++) sum += X[r * n + i]! * X[r * n + j]!;
      A[i * n + j] = A[j * n + i] = sum;
    }
  }
  return A;
}

async function invert(k: Kernels, A: Float32Array, n: number): Promise<Float32Array | undefined> {
  const scope = k.scope();
  try {
    const inside = scope.copy(A);
    return (await invertSpd(k, inside, n)) ? inside.slice() : undefined;
  } finally {
    scope.free();
  }
}

/** Largest |A·B − I|. */
function residual(A: Float32Array, B: Float32Array, n: number): number {
  let worst = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? -1 : 0;
      for (let t = 0; t < n; t++) sum += A[i * n + t]! * B[t * n + j]!;
      worst = Math.max(worst, Math.abs(sum));
    }
  }
  return worst;
}

// Condition numbers here are below 200; float32 loses about cond·n·2⁻²⁴.
test("A · A⁻¹ = I for any small size", () =>
  fc.assert(
    fc.asyncProperty(fc.nat(30), fc.nat(), async (n, seed) => {
      const A = spd(n, n, n + 1, seed);
      const inverse = await invert(one, A, n);
      expect(residual(A, inverse!, n)).toBeLessThan(1e-4);
    }),
    { numRuns: 60 },
  ));

test.each([128, 129, 291])("n = %i: several blocks, symmetric, same bits for any threads", async (n) => {
  const A = spd(n, 40, 20, n);
  const inverse = (await invert(three, A, n))!;
  expect(residual(A, inverse, n)).toBeLessThan(1e-4);
  expect(await invert(one, A, n)).toEqual(inverse);
  let asymmetric = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) if (inverse[i * n + j] !== inverse[j * n + i]) asymmetric++;
  expect(asymmetric).toBe(0);
});

test.each([5, 140, 300])("n = %i: a matrix that is not positive definite is refused", async (n) => {
  const A = spd(n, n, 1, 1);
  A[(n - 2) * n + n - 2] = -1;
  expect(await invert(one, A, n)).toBeUndefined();
  A[(n - 2) * n + n - 2] = Number.NaN;
  expect(await invert(one, A, n)).toBeUndefined();
});
