import fc from "fast-check";
import { test } from "vitest";
import { type CheckInput, checkGradient } from "../../../test/gradient-check.ts";

const shape = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
const ints = (...data: number[]): CheckInput => ({ dims: [data.length], dtype: "int64", data });

test.each([
  ["Reshape", [{ dims: [2, 3, 2] }, ints(0, -1)], {}],
  ["Reshape", [{ dims: [6] }, ints(2, 1, 3)], {}],
  ["Reshape", [{ dims: [1] }, { dims: [0], dtype: "int64", data: [] }], {}],
  ["Flatten", [{ dims: [2, 3, 2] }], { axis: 2 }],
  ["Flatten", [{ dims: [2, 3] }], { axis: 0 }],
  ["Squeeze", [{ dims: [2, 1, 3, 1] }, ints(1, -1)], {}],
  ["Squeeze", [{ dims: [1, 2, 1] }], {}],
  ["Unsqueeze", [{ dims: [2, 3] }, ints(0, -1)], {}],
  ["Expand", [{ dims: [2, 1, 3] }, ints(2, 1, 4, 1)], {}],
  ["Expand", [{ dims: [] }, ints(2, 3)], {}],
  ["Transpose", [{ dims: [2, 3, 4] }], {}],
  ["Transpose", [{ dims: [2, 3, 4] }], { perm: [1, 2, 0] }],
  ["Tile", [{ dims: [2, 1, 3] }, ints(1, 3, 2)], {}],
  ["Tile", [{ dims: [2, 3] }, ints(1, 1)], {}],
  ["Tile", [{ dims: [2, 3] }, ints(0, 2)], {}],
] as const)("%s %j", (op, inputs, attributes) => checkGradient({ op, inputs, attributes }));

const axes = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
const repeats = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 });

test("Transpose and Tile: random shapes", () =>
  fc.assert(
    fc.asyncProperty(shape, axes, repeats, async (dims, order, times) => {
      const perm = order.filter((axis) => axis < dims.length);
      await checkGradient({ op: "Transpose", attributes: { perm }, inputs: [{ dims }] });
      await checkGradient({ op: "Tile", inputs: [{ dims }, ints(...times.slice(0, dims.length))] });
    }),
    { seed: 3, numRuns: 10 },
  ));
