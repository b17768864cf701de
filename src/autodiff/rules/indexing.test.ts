import fc from "fast-check";
import { expect, test } from "vitest";
import { type CheckInput, checkGradient } from "../../../test/gradient-check.ts";
import { elements } from "../../graph/tensor.ts";

const ids = (dims: readonly number[], data: readonly number[], constant = false): CheckInput => ({
  dims,
  dtype: "int64",
  data,
  constant,
});
const draws = fc.infiniteStream(fc.nat(1e6));
/** Indices of an axis of `size`, negative ones too. */
const drawn = (stream: Stream<number>, dims: readonly number[], size: number): number[] =>
  Array.from({ length: elements(dims) }, () => (stream.next().value % (2 * size)) - size);
type Stream<T> = Iterator<T> & { next(): { value: T } };
const size = fc.integer({ min: 1, max: 4 });

test("Gather: random axes and indices, repeated and negative, known before or not", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(size, { minLength: 1, maxLength: 3 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
      fc.nat(2),
      fc.boolean(),
      draws,
      async (dims, shape, at, constant, stream) => {
        const axis = at % dims.length;
        await checkGradient({
          op: "Gather",
          attributes: { axis: constant ? axis : axis - dims.length },
          inputs: [{ dims }, ids(shape, drawn(stream as Stream<number>, shape, dims[axis]!), constant)],
        });
      },
    ),
    { seed: 5, numRuns: 30 },
  ));

test.each([
  ["a step of a sequence", [], [-1]],
  ["positions in order", [3], [0, 1, 2]],
  ["positions out of order", [3], [3, 0, -2]],
  ["a repeated position", [4], [1, -3, 1, 0]],
])("Gather: %s", (_name, shape, data) =>
  checkGradient({ op: "Gather", attributes: { axis: 1 }, inputs: [{ dims: [2, 4, 3] }, ids(shape, data, true)] }),
);

test.each([
  [0, [3, 2], [2, 2], [0, -1, -1, 2]],
  [1, [2, 3], [2, 4], [0, 0, -1, 2, 1, 1, 1, -2]],
  [-1, [3, 2], [1, 1], [1]],
])("GatherElements along %i", (axis, dims, shape, data) =>
  checkGradient({ op: "GatherElements", attributes: { axis }, inputs: [{ dims }, ids(shape, data)] }),
);

test.each([
  [0, [3, 4], [3, 2], [0, 1, 0, 1, -1, -2]],
  [0, [3, 4], [2, 2, 1], [0, -1, 0, 2]],
  [1, [2, 3, 2], [2, 1], [-1, 0]],
  [1, [2, 3, 2], [2, 2, 1], [1, 1, 0, -1]],
  [1, [2, 3, 4], [2, 2, 2], [0, 1, 0, 1, 2, 3, -1, 0]],
  [2, [2, 2, 3], [2, 2, 1], [0, 1, 2, -1]],
])("GatherND: batch_dims %i", async (batch, dims, shape, data) => {
  for (const constant of [false, true]) {
    await checkGradient({
      op: "GatherND",
      attributes: { batch_dims: batch },
      inputs: [{ dims }, ids(shape, data, constant)],
    });
  }
});

test.each(["none", "add"])("ScatterElements and ScatterND: %s", async (reduction) => {
  await checkGradient({
    op: "ScatterElements",
    attributes: { axis: 1, reduction },
    inputs: [{ dims: [2, 3] }, ids([2, 2], [0, -1, 2, 1]), { dims: [2, 2] }],
  });
  await checkGradient({
    op: "ScatterND",
    attributes: { reduction },
    inputs: [{ dims: [4, 2] }, ids([2, 1], [3, -3]), { dims: [2, 2] }],
  });
});

test("ScatterElements: repeated indices add", () =>
  checkGradient({
    op: "ScatterElements",
    attributes: { reduction: "add" },
    inputs: [{ dims: [3, 2] }, ids([4, 1], [0, 0, -1, 0]), { dims: [4, 1] }],
  }));

test("ScatterND: a product is refused", () =>
  expect(
    checkGradient({
      op: "ScatterND",
      attributes: { reduction: "mul" },
      inputs: [{ dims: [3] }, ids([1, 1], [0]), { dims: [1] }],
    }),
  ).rejects.toThrow('ScatterND y: its reduction "mul" has no gradient rule; use "none" or "add".'));

test.each([
  [-1, 2, 1],
  [0, 1, 0],
  [0, 0, 1],
])("TopK: axis %i, k %i, largest %i", (axis, k, largest) =>
  checkGradient({
    op: "TopK",
    attributes: { axis, largest },
    inputs: [{ dims: [3, 4] }, { dims: [1], dtype: "int64", data: [k] }],
    outputs: 2,
  }),
);
