import fc from "fast-check";
import { test } from "vitest";
import { checkGradient } from "../../../test/gradient-check.ts";

const ops = [
  ...["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare"],
  ...["ReduceLogSum", "ReduceLogSumExp"],
];
const range = [0.3, 2] as const;
const axesInput = (axes: readonly number[]) => ({ dims: [axes.length], dtype: "int64", data: axes }) as const;

test("reductions over all axes, which is the default", async () => {
  for (const op of ops) {
    for (const keepdims of [0, 1]) {
      await checkGradient({ op, attributes: { keepdims }, inputs: [{ dims: [2, 3], range }] });
    }
    await checkGradient({ op, inputs: [{ dims: [], range }] });
  }
});

test("no axes with noop_with_empty_axes: nothing is reduced", async () => {
  for (const op of ["ReduceSum", "ReduceMean", "ReduceMax"]) {
    await checkGradient({ op, attributes: { noop_with_empty_axes: 1 }, inputs: [{ dims: [2, 3], range }] });
  }
});

test("reductions over random axes of random shapes", async () => {
  const shape = fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 4 });
  const reduction = shape.chain((dims) =>
    fc.record({
      op: fc.constantFrom(...ops),
      dims: fc.constant(dims),
      axes: fc.uniqueArray(fc.nat(dims.length - 1), { minLength: 1 }),
      negative: fc.boolean(),
      keepdims: fc.constantFrom(0, 1),
    }),
  );
  await fc.assert(
    fc.asyncProperty(reduction, async ({ op, dims, axes, negative, keepdims }) => {
      const given = negative ? axes.map((a) => a - dims.length) : axes;
      await checkGradient({ op, attributes: { keepdims }, inputs: [{ dims, range }, axesInput(given)] });
    }),
    { seed: 2, numRuns: 40 },
  );
});

test("negative entries and empty tensors", async () => {
  for (const op of ["ReduceSum", "ReduceL1", "ReduceL2", "ReduceProd", "ReduceLogSumExp"]) {
    await checkGradient({ op, inputs: [{ dims: [2, 3], range: [-2, -0.5] }, axesInput([1])] });
  }
  await checkGradient({ op: "ReduceSum", inputs: [{ dims: [0, 3] }, axesInput([0])] });
});
