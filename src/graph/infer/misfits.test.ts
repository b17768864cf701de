// What does not fit is one sentence that names the node, whatever the file says.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bools, graphOf, type NodeCase, reals, scalar, wholes } from "../../../test/infer-check.ts";
import { UserError } from "../../base/errors.ts";
import type { Attribute } from "../graph.ts";
import { elements, int64 } from "../tensor.ts";
import * as convolve from "./convolve.ts";
import * as elementwise from "./elementwise.ts";
import * as generate from "./generate.ts";
import { canInfer, inferGraph } from "./index.ts";
import * as indexing from "./indexing.ts";
import * as linear from "./linear.ts";
import * as microsoft from "./microsoft.ts";
import * as normalize from "./normalize.ts";
import * as quantize from "./quantize.ts";
import * as recurrent from "./recurrent.ts";
import * as reduce from "./reduce.ts";
import * as shape from "./shape.ts";

const refusal = (c: NodeCase): string => {
  try {
    inferGraph(graphOf([c]));
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return "";
};

const x = reals([2, 3]);
const ids = int64(0, 1);

test.each<[string, Omit<NodeCase, "op">, RegExp]>([
  ["Add", { inputs: [x, reals([2])] }, /shapes \[2, 3\] and \[2\] do not fit/],
  ["Add", { inputs: [x, wholes([3])] }, /input 0 is float32 and its input 1 is int64/],
  ["Add", { inputs: [x, undefined] }, /input 1 is missing/],
  ["Sum", { inputs: [] }, /it has 0 inputs, it takes 1/],
  ["Neg", { inputs: [x, x] }, /it has 2 inputs, it takes 1/],
  ["RandomNormal", { inputs: [], attributes: { shape: [-1] } }, /output 0 would have shape \[-1\]/],
  ["Sqrt", { inputs: [wholes([2])] }, /is int64, it takes floating-point/],
  ["And", { inputs: [bools([2]), x] }, /input 1 is float32, it takes bool/],
  ["Where", { inputs: [x, x, x] }, /input 0 is float32, it takes bool/],
  ["PRelu", { inputs: [reals([3]), x] }, /\[2, 3\] does not broadcast to \[3\]/],
  ["Clip", { inputs: [x, reals([1])] }, /bound \(input 1\) must be one float32/],
  ["Cast", { inputs: [x], attributes: { to: 99 } }, /type 99/],
  ["MatMul", { inputs: [x, x] }, /shapes \[2, 3\] and \[2, 3\] do not fit/],
  ["MatMul", { inputs: [x, scalar(1)] }, /no scalars/],
  ["Gemm", { inputs: [x, reals([3])] }, /shape \[3\], it takes 2 dimensions/],
  ["Gemm", { inputs: [x, reals([3, 4]), reals([3])] }, /\[3\], which does not broadcast to \[2, 4\]/],
  ["Einsum", { inputs: [x], attributes: { equation: "ij,jk->ik" } }, /does not fit 1 inputs/],
  ["Einsum", { inputs: [x], attributes: { equation: "ijk->i" } }, /"ijk" does not fit its input 0/],
  ["Einsum", { inputs: [x], attributes: { equation: "ii->i" } }, /"i" of "ii->i" is 2 and 3/],
  ["Einsum", { inputs: [x], attributes: { equation: "ij->k" } }, /"k" of "ij->k" is in no input/],
  ["Softmax", { inputs: [x], attributes: { axis: 2 } }, /axis 2 is outside a tensor of 2 dimensions/],
  ["LayerNormalization", { inputs: [x, reals([2])] }, /normalised axes are \[3\]/],
  ["BatchNormalization", { inputs: [x, reals([2]), reals([3]), reals([3]), reals([3])] }, /there are 3 channels/],
  ["ReduceSum", { inputs: [x, int64(2)], fixed: [1] }, /axis 2 is outside/],
  ["ReduceSum", { inputs: [x, int64(1, -1)], fixed: [1] }, /an axis stands twice/],
  ["ReduceSum", { inputs: [x, ids] }, /axes \(input 1\) depends on the data/],
  ["ReduceSum", { inputs: [x, reals([1])], fixed: [1] }, /axes \(input 1\) is float32, it must be int64/],
  ["TopK", { inputs: [x, int64(4)], fixed: [1], outputs: 2 }, /k is 4, the axis has 3/],
  ["Reshape", { inputs: [x, int64(4, -1)], fixed: [1] }, /shape \[2, 3\] cannot become \[4, -1\]/],
  ["Reshape", { inputs: [x, int64(-1, -1)], fixed: [1] }, /cannot become/],
  ["Reshape", { inputs: [x, int64(6, 1, 0)], fixed: [1] }, /cannot become/],
  ["Reshape", { inputs: [x, ids] }, /shape \(input 1\) depends on the data/],
  ["Squeeze", { inputs: [x, int64(0)], fixed: [1] }, /axis 0 of \[2, 3\] is not 1/],
  ["Unsqueeze", { inputs: [x, int64(4)], fixed: [1] }, /axis 4 is outside/],
  ["Expand", { inputs: [x, int64(2)], fixed: [1] }, /does not expand to \[2\]/],
  ["Transpose", { inputs: [x], attributes: { perm: [0, 0] } }, /order \[0, 0\] does not fit/],
  ["Concat", { inputs: [x, reals([3, 3])], attributes: { axis: 1 } }, /do not join along axis 1/],
  [
    "Split",
    { inputs: [x, int64(1, 1)], fixed: [1], attributes: { axis: 1 }, outputs: 2 },
    /parts \[1, 1\] do not make up/,
  ],
  ["Split", { inputs: [x], attributes: { num_outputs: 1e12 }, outputs: 2 }, /does not split/],
  ["Split", { inputs: [reals([4])], outputs: 3 }, /axis 0 \(4\) does not split into 3 parts/],
  ["Slice", { inputs: [x, int64(0), int64(1, 2)], fixed: [1, 2] }, /differ in length/],
  ["Slice", { inputs: [x, int64(0), int64(1), int64(0), int64(0)], fixed: [1, 2, 3, 4] }, /a step is 0/],
  ["Tile", { inputs: [x, int64(2)], fixed: [1] }, /repeats \[2\] do not fit/],
  ["Pad", { inputs: [x, int64(-2, 0, -1, 0)], fixed: [1] }, /cut more than there is/],
  ["Gather", { inputs: [x, reals([2])] }, /indices are float32/],
  ["Gather", { inputs: [x, int64(2)], fixed: [0, 1] }, /index 2 is outside an axis of 2/],
  ["GatherElements", { inputs: [x, wholes([3, 3])], attributes: { axis: 1 } }, /do not fit/],
  ["GatherND", { inputs: [x, wholes([2, 3])] }, /indices of shape \[2, 3\] do not fit/],
  ["ScatterElements", { inputs: [x, wholes([1, 3]), reals([1, 2])] }, /updates \[1, 2\] do not fit/],
  ["ScatterND", { inputs: [x, wholes([1, 1]), reals([2])] }, /updates \[2\] do not fit/],
  ["OneHot", { inputs: [ids, int64(-1), reals([2])], fixed: [1] }, /depth is -1/],
  ["NonZero", { inputs: [x] }, /number of results depends on the data/],
  ["ConstantOfShape", { inputs: [int64(-1)], fixed: [0] }, /output 0 would have shape \[-1\]/],
  ["Constant", { inputs: [], attributes: { value_string: "a" } }, /no tensor of numbers/],
  ["Range", { inputs: [scalar(0), scalar(1), scalar(0)], fixed: [0, 1, 2] }, /no end from 0 to 1 by 0/],
  ["GRU", { inputs: [reals([5, 2, 3]), reals([1, 12, 3]), reals([1, 9, 3])] }, /input 1 has shape \[1, 12, 3\]/],
  ["QuantizeLinear", { inputs: [x, reals([2])] }, /input 1 of shape \[2\] does not fit \[2, 3\]/],
  ["DequantizeLinear", { inputs: [wholes([2, 3]), scalar(1), ids] }, /input 2 of shape \[2\] does not fit/],
  ["Conv", { inputs: [reals([1, 2, 5]), reals([4, 3, 3])] }, /do not fit \[1, 2, 5\] in 1 groups/],
  ["MaxPool", { inputs: [reals([1, 2, 2])], attributes: { kernel_shape: [3] } }, /larger than the space/],
  ["MaxPool", { inputs: [reals([1, 2, 2])] }, /do not fit 1 dimensions/],
  ["Relu", { inputs: [x], outputs: 2 }, /output 1 is not supported/],
  ["Loop", { inputs: [x] }, /graphs within a node are not supported/],
  ["constructor", { inputs: [x] }, /the operator is not supported/],
  ["Gelu", { inputs: [x], domain: "ai.example" }, /operators of "ai.example" are not supported/],
  ["MatMulNBits", { inputs: [x], domain: "com.microsoft", attributes: { K: 4, N: 2 } }, /does not end with K = 4/],
])("%s %# is refused", (op, rest, message) => {
  const got = refusal({ op, ...rest });
  expect(got).toMatch(message);
  expect(got.startsWith(`${op} n0: `)).toBe(true);
});

test("a value that nothing writes, a dimension without a size", () => {
  const graph = graphOf([{ op: "Relu", inputs: [x] }]);
  graph.nodes[0]!.inputs = ["z"];
  expect(() => inferGraph(graph)).toThrow('Relu n0: it reads "z", which nothing before it writes.');
  graph.inputs[0]!.shape = ["batch", 3];
  expect(() => inferGraph(graph)).toThrow('input "x0_0": give the size of its dimension "batch".');
});

test("an input of unknown shape, a dimension without a name", () => {
  const graph = graphOf([{ op: "Relu", inputs: [x] }]);
  graph.inputs[0]!.shape = ["?", 3];
  expect(() => inferGraph(graph)).toThrow('input "x0_0": one of its dimensions has neither size nor name');
  graph.inputs[0]!.unranked = true;
  expect(() => inferGraph(graph)).toThrow('input "x0_0": the model says nothing of its shape');
});

test("only what has a rule can be inferred", () => {
  expect([canInfer("Add"), canInfer("FusedMatMul"), canInfer("FusedMatMul", "com.microsoft")]).toEqual([
    true,
    false,
    true,
  ]);
  expect([canInfer("toString"), canInfer("Add", "constructor")]).toEqual([false, false]);
});

test("tensors beyond 65,536 elements do not fold", () => {
  const of = (size: number) =>
    inferGraph(graphOf([{ op: "Expand", inputs: [scalar(1), int64(size)], fixed: [0, 1] }])).constants.has("y0_0");
  expect([of(65_536), of(65_537), of(2 ** 50)]).toEqual([true, false, false]);
});

describe("random nodes give types or a UserError:", () => {
  const dims = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
  const input = fc.option(
    fc.tuple(dims, fc.constantFrom(reals, wholes, bools)).map(([sizes, make]) => make(sizes)),
    { nil: undefined, freq: 8 },
  );
  const names =
    "axis to k perm keepdims start end kernel_shape strides pads dilations group equation value dtype shape num_outputs " +
    "block_size batch_dims hidden_size direction layout transA allowzero auto_pad output_shape bits K N gather_axis";
  const attribute = fc.oneof(
    fc.integer({ min: -3, max: 12 }),
    fc.array(fc.integer({ min: -2, max: 4 }), { maxLength: 4 }),
    fc.constantFrom<Attribute>("ij,jk->ik", "...i,i->...", "SAME_UPPER", { float: 1.5 }, { floats: [1] }, int64(3)),
  );
  const node = fc.record({
    inputs: fc.array(input, { maxLength: 6 }),
    fixed: fc.subarray([0, 1, 2, 3, 4, 5]),
    attributes: fc.dictionary(fc.constantFrom(...names.split(" ")), attribute, { maxKeys: 4 }),
    outputs: fc.integer({ min: 1, max: 3 }),
  });
  const families = {
    convolve,
    elementwise,
    generate,
    indexing,
    linear,
    microsoft,
    normalize,
    quantize,
    recurrent,
    reduce,
    shape,
  };
  test.each(Object.entries(families))("%s", (family, rules) => {
    const domain = family === "microsoft" ? "com.microsoft" : "";
    const ops = Object.keys(rules);
    expect(ops.filter((op) => !canInfer(op, domain))).toEqual([]);
    fc.assert(
      fc.property(fc.constantFrom(...ops), node, (op, rest) => {
        const c = { op, domain, ...rest };
        if (refusal(c)) return;
        const { types, constants } = inferGraph(graphOf([c]));
        for (const { dims: sizes } of types.values()) {
          expect(sizes.every((d) => Number.isInteger(d) && d >= 0)).toBe(true);
        }
        for (const tensor of constants.values()) expect(tensor.data.length).toBe(elements(tensor.dims));
      }),
      { numRuns: 400 },
    );
  });
});
