// shape.ts, indexing.ts and generate.ts against ONNX Runtime, with what folds of them.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  agree,
  agrees,
  bools,
  broadcasting,
  dimsOf,
  graphOf,
  indices,
  type NodeCase,
  reals,
  scalar,
  wholes,
} from "../../../test/infer-check.ts";
import { float32, int64 } from "../tensor.ts";
import { inferGraph } from "./index.ts";

const makes = fc.constantFrom(reals, wholes, bools);

/** Cases over a tensor of some dims, and an axis of it, counted from either end. */
const along = (
  least: number,
  make: (dims: number[], axis: number, at: number) => Omit<NodeCase, "folds">,
  folds = true,
): Promise<void> =>
  agree(
    fc.tuple(dimsOf(Math.max(least, 1), 4), fc.nat({ max: 11 }), fc.boolean()).map(([dims, seed, back]) => {
      const at = seed % dims.length;
      return { ...make(dims, back ? at - dims.length : at, at), folds };
    }),
    8,
  );

describe("shape.ts", () => {
  test("Reshape keeps (0), infers (-1) and with allowzero empties", async () => {
    const x = reals([2, 3, 4]);
    for (const shape of [[0, -1], [-1], [2, 0, 2, 2], [24], [-1, 1, 4], [0, 0, 0]]) {
      await agrees({ op: "Reshape", inputs: [x, int64(...shape)], fixed: [1], folds: true });
    }
    const empty = reals([0, 3]);
    await agrees({
      op: "Reshape",
      inputs: [empty, int64(3, 0)],
      fixed: [1],
      attributes: { allowzero: 1 },
      folds: true,
    });
    await agrees({ op: "Reshape", inputs: [empty, int64(0, 7)], fixed: [1], folds: true });
  });
  test("Flatten", async () => {
    for (const axis of [0, 1, 2, 3, -1, -3]) {
      await agrees({ op: "Flatten", inputs: [reals([2, 3, 4])], attributes: { axis }, folds: true });
    }
    await agrees({ op: "Flatten", inputs: [reals([3])], attributes: { axis: 0 }, folds: true });
  });
  test("Squeeze with and without axes", async () => {
    const x = wholes([1, 3, 1, 2]);
    await agrees({ op: "Squeeze", inputs: [x], folds: true });
    await agrees({ op: "Squeeze", inputs: [x, int64(0)], fixed: [1], folds: true });
    await agrees({ op: "Squeeze", inputs: [x, int64(-2, 0)], fixed: [1], folds: true });
  });
  test("Unsqueeze", async () => {
    for (const axes of [[0], [-1], [1, 3], [-1, 0], [2]]) {
      await agrees({ op: "Unsqueeze", inputs: [reals([2, 3]), int64(...axes)], fixed: [1], folds: true });
    }
  });
  test("Expand, in both directions", () =>
    agree(
      broadcasting(2).map(([big, small]) => ({
        op: "Expand",
        inputs: [reals(small!), int64(...big!)],
        fixed: [1],
        folds: true,
      })),
      8,
    ));
  test("Transpose", async () => {
    await agree(
      fc
        .tuple(dimsOf(1, 4), makes)
        .chain(([dims, make]) =>
          fc
            .shuffledSubarray([...dims.keys()], { minLength: dims.length })
            .map((perm) => ({ op: "Transpose", inputs: [make(dims)], attributes: { perm }, folds: true })),
        ),
      8,
    );
    await agrees({ op: "Transpose", inputs: [reals([2, 3, 4])], folds: true });
  });
  test("Concat", () =>
    along(1, (dims, axis, at) => ({
      op: "Concat",
      inputs: [1, 3, 2].map((size) => wholes(dims.with(at, size))),
      attributes: { axis },
    })));
  test("Split by sizes and by number", async () => {
    await along(1, (dims, axis, at) => ({
      op: "Split",
      inputs: [reals(dims.with(at, 6)), int64(1, 0, 5)],
      fixed: [1],
      attributes: { axis },
      outputs: 3,
    }));
    for (const size of [7, 6, 3]) {
      await along(1, (dims, axis, at) => ({
        op: "Split",
        inputs: [reals(dims.with(at, size))],
        attributes: { axis, num_outputs: 3 },
        outputs: 3,
      }));
    }
  });
  test("Slice, forward, backward, beyond the ends", () =>
    agree(
      dimsOf(1, 3).chain((dims) =>
        fc
          .tuple(
            fc.shuffledSubarray([...dims.keys()], { minLength: 1 }),
            fc.array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 })), {
              minLength: 3,
              maxLength: 3,
            }),
            fc.array(fc.constantFrom(1, 2, 3, -1, -2), { minLength: 3, maxLength: 3 }),
          )
          .map(([axes, bounds, steps]) => ({
            op: "Slice",
            inputs: [
              reals(dims),
              int64(...axes.map((_, i) => bounds[i]![0])),
              int64(...axes.map((_, i) => bounds[i]![1])),
              int64(...axes.map((axis, i) => (i % 2 ? axis : axis - dims.length))),
              int64(...axes.map((_, i) => steps[i]!)),
            ],
            fixed: [1, 2, 3, 4],
            folds: true,
          })),
      ),
      30,
    ));
  test("Slice beyond the ends, backward", async () => {
    for (const [from, to] of [
      [-9, -9],
      [9, -9],
      [-9, 9],
      [2, -9],
      [-1, 1],
    ] as const) {
      const inputs = [wholes([5]), int64(from), int64(to), int64(0), int64(-1)];
      await agrees({ op: "Slice", inputs, fixed: [1, 2, 3, 4], folds: true });
    }
  });
  test("Slice to the largest int64", () => {
    const end = { ...int64(0), data: BigInt64Array.of(2n ** 63n - 1n) };
    return agrees({ op: "Slice", inputs: [wholes([5]), int64(1), end], fixed: [1, 2], folds: true });
  });
  test("Tile", () =>
    along(1, (dims) => ({ op: "Tile", inputs: [reals(dims), int64(...dims.map((_, i) => 3 - (i % 3)))], fixed: [1] })));
  test("Pad, also of some axes and by less than nothing", async () => {
    await along(
      1,
      (dims) => ({ op: "Pad", inputs: [reals(dims), int64(...[...dims, ...dims].map((_, i) => i % 3))], fixed: [1] }),
      false,
    );
    await agrees({ op: "Pad", inputs: [reals([2, 3]), int64(1, -1), scalar(7), int64(-1)], fixed: [1, 3] });
  });
  test("Trilu of masks", async () => {
    for (const upper of [0, 1]) {
      for (const k of [-5, -1, 0, 2, 9]) {
        const inputs = [reals([2, 3, 4]), { ...int64(k), dims: [] }];
        await agrees({ op: "Trilu", inputs, attributes: { upper }, folds: true });
      }
    }
    await agrees({ op: "Trilu", inputs: [wholes([4, 3])], folds: true });
  });
});

describe("indexing.ts", () => {
  test("Gather", async () => {
    for (const axis of [0, 1, 2, -1]) {
      const ids = indices([2, 3], [2, 3, 4].at(axis)!);
      await agrees({ op: "Gather", inputs: [reals([2, 3, 4]), ids], attributes: { axis }, folds: true });
    }
    await agree(
      fc.tuple(dimsOf(1, 3), dimsOf(0, 2), fc.nat({ max: 11 })).map(([dims, ids, seed]) => {
        const axis = seed % dims.length;
        return { op: "Gather", inputs: [reals(dims), indices(ids, dims[axis]!)], attributes: { axis }, folds: true };
      }),
      8,
    );
  });
  test("GatherElements and ScatterElements", async () => {
    await along(
      1,
      (dims, axis, at) => ({
        op: "GatherElements",
        inputs: [reals(dims), indices(dims.with(at, 3), dims[at]!)],
        attributes: { axis },
      }),
      false,
    );
    await along(
      1,
      (dims, axis, at) => ({
        op: "ScatterElements",
        inputs: [reals(dims), indices(dims.with(at, 1), dims[at]!), reals(dims.with(at, 1))],
        attributes: { axis },
      }),
      false,
    );
  });
  test("GatherND with and without batches", async () => {
    await agrees({ op: "GatherND", inputs: [reals([2, 3, 4]), indices([5, 2], 2)] });
    await agrees({ op: "GatherND", inputs: [reals([2, 3, 4]), indices([2, 5, 1], 3)], attributes: { batch_dims: 1 } });
  });
  test("ScatterND, folded", async () => {
    await agrees({ op: "ScatterND", inputs: [reals([4, 3]), int64Matrix(2, 1, [1, -1]), reals([2, 3])], folds: true });
    await agrees({
      op: "ScatterND",
      inputs: [wholes([4, 3]), int64Matrix(2, 2, [1, 2, -4, -1]), wholes([2])],
      folds: true,
    });
  });
  test("OneHot", () =>
    agree(
      fc.tuple(dimsOf(1, 3), fc.integer({ min: -1, max: 0 })).map(([dims, axis]) => ({
        op: "OneHot",
        inputs: [indices(dims, 5), int64(5), float32([2], Float32Array.of(0, 1))],
        fixed: [1],
        attributes: { axis },
      })),
    ));
  test("NonZero of a constant, folded", () =>
    agree(dimsOf(0, 3).map((dims) => ({ op: "NonZero", inputs: [bools(dims)], fixed: [0], folds: true }))));
});

describe("generate.ts", () => {
  test("Constant in each of its forms, folded", async () => {
    for (const attributes of [
      { value: reals([2, 2]) },
      { value_int: 7 },
      { value_ints: [7, 8] },
      { value_float: { float: 1.5 } },
      { value_floats: { floats: [1.5, 2] } },
    ]) {
      await agrees({ op: "Constant", inputs: [], attributes, folds: true });
    }
  });
  test("ConstantOfShape, folded", async () => {
    await agrees({ op: "ConstantOfShape", inputs: [int64(2, 3)], fixed: [0], folds: true });
    await agrees({
      op: "ConstantOfShape",
      inputs: [int64()],
      fixed: [0],
      attributes: { value: int64(9) },
      folds: true,
    });
  });
  test("Shape and Size of a value whose numbers are unknown fold", async () => {
    for (const attributes of [
      {},
      { start: 1 },
      { start: -2 },
      { end: -1 },
      { start: 1, end: 2 },
      { start: 2, end: 1 },
    ]) {
      const c = { op: "Shape", inputs: [reals([2, 3, 4])], attributes, folds: true };
      await agrees(c);
      expect(inferGraph(graphOf([c])).constants.has("y0_0")).toBe(true);
    }
    await agrees({ op: "Size", inputs: [reals([2, 3])], folds: true });
  });
  test("Range of int64 and float32, folded", async () => {
    const int = (n: number) => ({ ...int64(n), dims: [] });
    for (const [from, to, by] of [
      [0, 7, 1],
      [5, -4, -2],
      [3, 3, 1],
      [4, 0, 1],
    ] as const) {
      await agrees({ op: "Range", inputs: [int(from), int(to), int(by)], fixed: [0, 1, 2], folds: true });
    }
    const real = fc.integer({ min: -50, max: 50 }).map((n) => n / 10);
    await agree(
      fc
        .tuple(
          real,
          real,
          real.filter((x) => x !== 0),
        )
        .map((numbers) => ({ op: "Range", inputs: numbers.map(scalar), fixed: [0, 1, 2], folds: true })),
      30,
    );
  });
  test("EyeLike", async () => {
    await agrees({ op: "EyeLike", inputs: [reals([2, 3])] });
    await agrees({ op: "EyeLike", inputs: [reals([2, 3])], attributes: { dtype: 7 } });
  });
  test("random numbers", async () => {
    for (const op of ["RandomNormalLike", "RandomUniformLike"]) await agrees({ op, inputs: [reals([2, 3])] });
    for (const op of ["RandomNormal", "RandomUniform"]) await agrees({ op, inputs: [], attributes: { shape: [2, 3] } });
    await agrees({
      op: "Bernoulli",
      inputs: [float32([2, 3], new Float32Array(6).fill(0.5))],
      attributes: { dtype: 9 },
    });
  });
});

const int64Matrix = (rows: number, columns: number, values: readonly number[]) => ({
  ...int64(...values),
  dims: [rows, columns],
});
