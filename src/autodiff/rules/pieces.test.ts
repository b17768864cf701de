import fc from "fast-check";
import { expect, test } from "vitest";
import { type CheckInput, checkGradient } from "../../../test/gradient-check.ts";

const ints = (...data: number[]): CheckInput => ({ dims: [data.length], dtype: "int64", data });

test.each([
  [
    0,
    [
      [1, 2],
      [3, 2],
    ],
  ],
  [
    -1,
    [
      [2, 1],
      [2, 3],
      [2, 2],
    ],
  ],
  [
    1,
    [
      [2, 1],
      [2, 0],
      [2, 2],
    ],
  ],
  [0, [[2]]],
])("Concat along %i: %j", (axis, shapes) =>
  checkGradient({ op: "Concat", attributes: { axis }, inputs: shapes.map((dims) => ({ dims })) }),
);

test("Concat: one input alone is wanted", () =>
  checkGradient({ op: "Concat", attributes: { axis: 1 }, inputs: [{ dims: [2, 3] }, { dims: [2, 2] }], wrt: [1] }));

test.each([
  { axis: 0, sizes: [1, 3], read: [0, 1] },
  { axis: -1, sizes: [2, 0, 3], read: [0, 1, 2] },
  { axis: 1, sizes: [2, 1, 2], read: [1] },
])("Split $sizes along $axis, outputs $read read", ({ axis, sizes, read }) =>
  checkGradient({
    op: "Split",
    attributes: { axis },
    inputs: [{ dims: axis === 0 ? [4, 5] : [4, 5] }, ints(...sizes)],
    outputs: sizes.length,
    read,
  }),
);

test("Split: equal parts and a smaller one", () =>
  checkGradient({ op: "Split", attributes: { axis: 0, num_outputs: 3 }, inputs: [{ dims: [5, 2] }], outputs: 3 }));

test("Slice: random starts, ends and steps, empty slices too", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          size: fc.integer({ min: 1, max: 5 }),
          start: fc.integer({ min: -6, max: 6 }),
          end: fc.integer({ min: -7, max: 7 }),
          step: fc.constantFrom(1, 1, 2, -1, -2, 3),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      async (axes) => {
        await checkGradient({
          op: "Slice",
          inputs: [
            { dims: axes.map(({ size }) => size) },
            ints(...axes.map(({ start }) => start)),
            ints(...axes.map(({ end }) => end)),
            ints(...axes.keys()),
            ints(...axes.map(({ step }) => step)),
          ],
        });
      },
    ),
    {
      seed: 4,
      numRuns: 40,
      examples: [[[{ size: 5, start: -1, end: -7, step: -1 }]], [[{ size: 3, start: 2, end: 1, step: 1 }]]],
    },
  ));

test.each([
  [
    [2, 3],
    [1, 0, 0, 2],
  ],
  [
    [3, 4],
    [-1, 1, 0, -2],
  ],
  [[3], [-1, -2]],
  [[3], [-3, 4]],
])("Pad %j by %j, and its value", (dims, pads) =>
  checkGradient({ op: "Pad", inputs: [{ dims }, ints(...pads), { dims: [] }] }),
);

test("Pad: of given axes", () =>
  checkGradient({ op: "Pad", inputs: [{ dims: [2, 3, 2] }, ints(1, -1), null, ints(-2)] }));

test("Pad: another mode is refused", () =>
  expect(
    checkGradient({ op: "Pad", attributes: { mode: "edge" }, inputs: [{ dims: [2] }, ints(1, 1)] }),
  ).rejects.toThrow('Pad y: its mode "edge" has no gradient rule; pad with a constant.'));
