import fc from "fast-check";
import { test } from "vitest";
import { checkGradient } from "../../../test/gradient-check.ts";

const size = fc.integer({ min: 1, max: 3 });

test("MatMul: random shapes, broadcast batch axes", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({ m: size, k: size, n: size, batch: fc.array(size, { maxLength: 2 }) }),
      fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      fc.nat(2),
      fc.nat(2),
      async ({ m, k, n, batch }, ones, cutA, cutB) => {
        const side = (cut: number, at: number) => batch.map((d, i) => (ones[at + i] ? 1 : d)).slice(cut);
        await checkGradient({
          op: "MatMul",
          inputs: [{ dims: [...side(cutA, 0), m, k] }, { dims: [...side(cutB, 2), k, n] }],
        });
      },
    ),
    { seed: 1, numRuns: 30 },
  ));

test.each([
  [[3], [3]],
  [[3], [3, 2]],
  [[2, 3], [3]],
  [[3], [2, 3, 4]],
  [[2, 4, 3], [3]],
  [
    [2, 4, 3],
    [3, 5],
  ],
  [
    [2, 4, 3],
    [1, 3, 5],
  ],
  [
    [4, 3],
    [2, 3, 5],
  ],
  [
    [2, 1, 4, 3],
    [1, 3, 3, 2],
  ],
  [
    [2, 0],
    [0, 3],
  ],
  [
    [0, 2],
    [2, 3],
  ],
])("MatMul: %j · %j", (a, b) => checkGradient({ op: "MatMul", inputs: [{ dims: a }, { dims: b }] }));

test("Gemm: every transposition, α, β and broadcast of C", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({ m: size, k: size, n: size }),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom(1, 0.5, -2),
      fc.constantFrom(1, 0, 1.5),
      fc.constantFrom("none", "scalar", "row", "column", "one", "full"),
      async ({ m, k, n }, transA, transB, alpha, beta, bias) => {
        const shapes = { scalar: [], row: [n], column: [m, 1], one: [1, 1], full: [m, n] };
        await checkGradient({
          op: "Gemm",
          attributes: {
            transA: Number(transA),
            transB: Number(transB),
            alpha: { float: alpha },
            beta: { float: beta },
          },
          inputs: [
            { dims: transA ? [k, m] : [m, k] },
            { dims: transB ? [n, k] : [k, n] },
            ...(bias === "none" ? [] : [{ dims: shapes[bias] }]),
          ],
        });
      },
    ),
    { seed: 2, numRuns: 40 },
  ));

test.each([
  [64, 65],
  [65, 64],
])("MatMul: a wide weight, %i × %i", (k, n) =>
  checkGradient({ op: "MatMul", inputs: [{ dims: [2, 2, k] }, { dims: [k, n] }], wrt: [1] }),
);
