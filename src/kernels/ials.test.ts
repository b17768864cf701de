import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { gramDense } from "./gram.ts";
import { ialsHalfStep } from "./ials.ts";
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

interface Problem {
  rows: number;
  cols: number;
  d: number;
  indptr: Int32Array;
  indices: Int32Array;
  source: Float32Array;
  target: Float32Array;
  reg: number;
}

function problem(rows: number, cols: number, d: number, most: number, seed: number): Problem {
  const rng = createRng(seed);
  const indptr = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let r = 0; r < rows; r++) {
    const count = rng.below(4) === 0 ? 0 : rng.below(Math.min(cols, most) + 1);
    indices.push(...rng.shuffle(Array.from({ length: cols }, (_, c) => c)).slice(0, count));
    indptr[r + 1] = indices.length;
  }
  const normals = (n: number) => Float32Array.from({ length: n }, () => rng.normal() / Math.sqrt(d));
  const [source, target] = [normals(cols * d), normals(rows * d)];
  return { rows, cols, d, indptr, indices: Int32Array.from(indices), source, target, reg: 0.3 };
}

const unobserved = 0.2;
const frequencyPower = 0.7;

/** Gaussian elimination in float64 of every row's system. */
function plain(p: Problem): Float64Array {
  const { rows, cols, d, indptr, indices, source } = p;
  const out = new Float64Array(rows * d);
  for (let r = 0; r < rows; r++) {
    const M = Array.from({ length: d }, () => new Float64Array(d + 1));
    const add = (c: number, weight: number, goal: number) => {
      const v = source.subarray(c * d, (c + 1) * d);
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) M[i]![j]! += weight * v[i]! * v[j]!;
        M[i]![d]! += goal * v[i]!;
      }
    };
    for (let c = 0; c < cols; c++) add(c, unobserved, 0);
    const row = indices.subarray(indptr[r]!, indptr[r + 1]!);
    for (const c of row) add(c, 1, 1);
    for (let i = 0; i < d; i++) M[i]![i]! += p.reg * (row.length + unobserved * cols) ** frequencyPower;
    for (let q = 0; q < d; q++) {
      for (let i = 0; i < d; i++) {
        if (i === q) continue;
        const f = M[i]![q]! / M[q]![q]!;
        for (let j = q; j <= d; j++) M[i]![j]! -= f * M[q]![j]!;
      }
    }
    for (let i = 0; i < d; i++) out[r * d + i] = M[i]![d]! / M[i]![i]!;
  }
  return out;
}

async function solve(k: Kernels, p: Problem, cgSteps?: number) {
  const scope = k.scope();
  try {
    const source = scope.copy(p.source);
    const gram = scope.f32(p.d * p.d);
    await gramDense(k, source, p.cols, p.d, gram, unobserved);
    const target = scope.copy(p.target);
    const failed = await ialsHalfStep(k, {
      ...{ target, source, gram, rows: p.rows, d: p.d, reg: p.reg, frequencyPower, unobserved, totalOther: p.cols },
      indptr: scope.copy(p.indptr),
      indices: scope.copy(p.indices),
      ...(cgSteps && { cgSteps }),
    });
    return { x: target.slice(), failed };
  } finally {
    scope.free();
  }
}

const near = (got: Float32Array, want: Float64Array, tolerance: number) => {
  for (let i = 0; i < want.length; i++) expect(Math.abs(got[i]! - want[i]!)).toBeLessThan(tolerance);
};

const shapes = fc.record({
  ...{ rows: fc.nat(6), cols: fc.integer({ min: 1, max: 30 }), d: fc.integer({ min: 1, max: 21 }), seed: fc.nat() },
});

test("the exact step solves every row's system", () =>
  fc.assert(
    fc.asyncProperty(shapes, async ({ rows, cols, d, seed }) => {
      const p = problem(rows, cols, d, 30, seed);
      const { x, failed } = await solve(one, p);
      expect(failed).toBe(0);
      near(x, plain(p), 1e-4);
    }),
    { numRuns: 80 },
  ));

test("enough conjugate gradient steps reach the same rows", () =>
  fc.assert(
    fc.asyncProperty(shapes, async ({ rows, cols, d, seed }) => {
      const p = problem(rows, cols, d, 30, seed);
      near((await solve(one, p, 40)).x, plain(p), 1e-4);
    }),
    { numRuns: 80 },
  ));

test.each([
  [64, 200],
  [100, 170],
  [260, 90],
])("d = %i with long rows", async (d, most) => {
  const p = problem(4, 220, d, most, d);
  near((await solve(one, p)).x, plain(p), 1e-4);
});

test("the bits do not depend on the threads", async () => {
  const p = problem(300, 100, 32, 40, 1);
  for (const cgSteps of [0, 3]) {
    expect(await solve(three, p, cgSteps)).toEqual(await solve(one, p, cgSteps));
  }
});

test("a row whose system is singular is counted and left; a row without entries becomes 0", async () => {
  const p = { ...problem(3, 4, 8, 2, 1), reg: 0 };
  p.indptr = Int32Array.of(0, 0, 1, 2);
  p.indices = Int32Array.of(0, 1);
  p.source.fill(0);
  const { x, failed } = await solve(one, p);
  expect(failed).toBe(2);
  expect(x).toEqual(Float32Array.from(p.target, (v, i) => (i < 8 ? 0 : v)));
});
