// The spellings of ops.ts by what ONNX Runtime computes from them, and what the typed builder below them promises.

import { describe, expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import type { Graph } from "./graph.ts";
import { type Ops, opsOn } from "./ops.ts";
import { int64 } from "./tensor.ts";
import { typedBuilder } from "./typed-builder.ts";

const empty = (): Graph => ({
  name: "t",
  opset: 21,
  domains: {},
  inputs: [],
  outputs: [],
  initializers: new Map(),
  nodes: [],
});

const runtime = onnxRuntime({ threads: 1 });

/** The numbers of what `build` makes of x = [[-1, 2, 0.5], [3, -4, 1.5]]. */
async function compute(build: (g: Ops, x: string) => string): Promise<number[]> {
  const g = opsOn(typedBuilder(empty()));
  const x = g.input("x", "float32", [2, 3]);
  g.output(build(g, x), "y");
  const session = await runtime.open(encodeOnnx(g.graph));
  const { y } = await session.run({
    x: { dtype: "float32", dims: [2, 3], data: Float32Array.of(-1, 2, 0.5, 3, -4, 1.5) },
  });
  await session.close();
  return Array.from(y!.data as ArrayLike<number | bigint>, (value) => Math.round(Number(value) * 1e4) / 1e4);
}

test.each<[string, (g: Ops, x: string) => string, number[]]>([
  ["add, sub, mul, div", (g, x) => g.div(g.mul(g.sub(g.add(x, x), x), x), g.scalar(2)), [0.5, 2, 0.125, 4.5, 8, 1.125]],
  ["square, sqrt, pow", (g, x) => g.pow(g.sqrt(g.square(x)), g.scalar(2)), [1, 4, 0.25, 9, 16, 2.25]],
  ["abs, neg, reciprocal", (g, x) => g.reciprocal(g.neg(g.abs(x))), [-1, -0.5, -2, -0.3333, -0.25, -0.6667]],
  ["sign, floor, round", (g, x) => g.add(g.sign(x), g.add(g.floor(x), g.round(x))), [-3, 5, 1, 7, -9, 4]],
  ["exp, log, relu", (g, x) => g.log(g.exp(g.relu(x))), [0, 2, 0.5, 3, 0, 1.5]],
  ["leakyRelu", (g, x) => g.leakyRelu(x, 0.5), [-0.5, 2, 0.5, 3, -2, 1.5]],
  ["max, min of several", (g, x) => g.min(g.max(x, g.scalar(0), g.neg(x)), g.scalar(3)), [1, 2, 0.5, 3, 3, 1.5]],
  ["max of one", (g, x) => g.max(x), [-1, 2, 0.5, 3, -4, 1.5]],
  ["clip", (g, x) => g.clip(x, -2, 1), [-1, 1, 0.5, 1, -2, 1]],
  ["clip below", (g, x) => g.clip(x, undefined, 1), [-1, 1, 0.5, 1, -4, 1]],
  ["clip above", (g, x) => g.clip(x, 0, undefined), [0, 2, 0.5, 3, 0, 1.5]],
  ["gelu", (g, x) => g.gelu(x), [-0.1587, 1.9545, 0.3457, 2.996, -0.0001, 1.3998]],
  ["gelu by tanh", (g, x) => g.gelu(x, "tanh"), [-0.1588, 1.9546, 0.3457, 2.9964, -0.0001, 1.3996]],
  [
    "erf, sigmoid, tanh, softplus",
    (g, x) => g.erf(g.softplus(g.sigmoid(g.tanh(x)))),
    [0.7787, 0.8865, 0.861, 0.8879, 0.7633, 0.8839],
  ],
  ["softmax", (g, x) => g.softmax(x, 0), [0.018, 0.9975, 0.2689, 0.982, 0.0025, 0.7311]],
  ["logSoftmax", (g, x) => g.exp(g.logSoftmax(x, 0)), [0.018, 0.9975, 0.2689, 0.982, 0.0025, 0.7311]],
  [
    "layerNorm",
    (g, x) => g.layerNorm(x, g.float("s", [3], Float32Array.of(1, 2, 3)), undefined, { epsilon: 0 }),
    [-1.2247, 2.4495, 0, 0.9415, -2.7692, 1.3292],
  ],
  [
    "comparisons",
    (g, x) =>
      g.cast(
        g.or(g.and(g.greater(x, g.scalar(0)), g.less(x, g.scalar(1))), g.not(g.greater(x, g.scalar(-4)))),
        "int32",
      ),
    [0, 0, 1, 0, 1, 0],
  ],
  ["where, equal", (g, x) => g.where(g.equal(x, g.scalar(2)), g.scalar(7), x), [-1, 7, 0.5, 3, -4, 1.5]],
  ["matmul, transpose", (g, x) => g.matmul(x, g.transpose(x, [1, 0])), [5.25, -10.25, -10.25, 27.25]],
  ["gemm", (g, x) => g.gemm(x, x, g.scalar(1), { transB: true, alpha: 2 }), [11.5, -19.5, -19.5, 55.5]],
  ["einsum", (g, x) => g.einsum("ij,ij->i", x, x), [5.25, 27.25]],
  ["sum, mean", (g, x) => g.add(g.sum(x, [1]), g.mean(x, [1])), [2, 0.6667]],
  ["sum of all", (g, x) => g.sum(x, []), [2]],
  ["reduceMax, reduceMin", (g, x) => g.sub(g.reduceMax(x, [0], true), g.reduceMin(x, [0], true)), [4, 6, 1]],
  ["logSumExp, norm", (g, x) => g.add(g.logSumExp(x, [1]), g.norm(x, [1])), [4.5326, 8.4223]],
  ["cumsum", (g, x) => g.cumsum(x, 1), [-1, 1, 1.5, 3, -1, 0.5]],
  [
    "cumsum from the end, without itself",
    (g, x) => g.cumsum(x, 1, { exclusive: true, reverse: true }),
    [2.5, 0.5, 0, -2.5, 1.5, 0],
  ],
  [
    "reshape, flatten, squeeze, unsqueeze",
    (g, x) => g.flatten(g.squeeze(g.unsqueeze(g.reshape(x, [3, -1]), 0, 3), 0), 2),
    [-1, 2, 0.5, 3, -4, 1.5],
  ],
  ["expand, tile", (g, x) => g.tile(g.expand(g.slice(x, 1, 0, 1), [2, 2]), [1, 2]), [-1, -1, -1, -1, 3, 3, 3, 3]],
  ["concat, split", (g, x) => g.concat(g.split(x, 1, [1, 2]).toReversed(), 1), [2, 0.5, -1, -4, 1.5, 3]],
  ["concat of one, split into one", (g, x) => g.concat(g.split(x, 1, [3]), 1), [-1, 2, 0.5, 3, -4, 1.5]],
  ["slice beyond the end", (g, x) => g.slice(x, 1, -2, 9), [2, 0.5, -4, 1.5]],
  ["gather", (g, x) => g.gather(x, g.ints(2, 0), 1), [0.5, -1, 1.5, 3]],
  ["gatherElements", (g, x) => g.gatherElements(x, g.reshape(g.ints(2, 0), [2, 1]), 1), [0.5, 3]],
  [
    "scatterElements",
    (g, x) => g.scatterElements(x, g.reshape(g.ints(2, 0), [2, 1]), g.full([2, 1], 9), 1, "add"),
    [-1, 2, 9.5, 12, -4, 1.5],
  ],
  ["scatterND", (g, x) => g.scatterND(x, g.reshape(g.ints(1), [1, 1]), g.full([1, 3], 9)), [-1, 2, 0.5, 9, 9, 9]],
  ["oneHot twice, one constant", (g) => g.add(g.oneHot(g.ints(1, 0), 2), g.oneHot(g.ints(0, 0), 2, 0)), [1, 2, 1, 0]],
  ["topk, values", (g, x) => g.topk(x, 2)[0], [2, 0.5, 3, 1.5]],
  ["topk, places", (g, x) => g.topk(x, 2)[1], [1, 2, 0, 2]],
  ["argmax", (g, x) => g.argmax(x, 1), [1, 0]],
  ["trilu", (g, x) => g.add(g.trilu(x, true, 1), g.trilu(x, false)), [-1, 2, 0.5, 3, -4, 1.5]],
])("%s", async (_, build, expected) => expect(await compute(build)).toEqual(expected));

describe("typedBuilder", () => {
  test("types every value at once, and knows what folds", () => {
    const g = opsOn(typedBuilder(empty(), { batch: 7 }));
    const x = g.input("x", "float32", ["batch", 3]);
    expect(g.type(g.sum(x, [1]))).toEqual({ dtype: "float32", dims: [7] });
    const shape = g.node("Shape", [x]);
    expect(g.known(shape)).toEqual(int64(7, 3));
    expect(g.known(x)).toBeUndefined();
    expect(g.graph.inputs[0]!.shape).toEqual(["batch", 3]);
  });

  test("names are new, also beside those of a graph that is gone on with", () => {
    const graph = empty();
    const first = opsOn(typedBuilder(graph));
    const y = first.relu(first.input("x", "float32", [2]));
    const second = opsOn(typedBuilder(graph));
    const z = second.relu(second.relu(y));
    expect(second.dims(z)).toEqual([2]);
    expect(new Set(graph.nodes.flatMap(({ outputs }) => outputs)).size).toBe(3);
  });

  test("a scalar and a list of sizes are one constant each", () => {
    const g = opsOn(typedBuilder(empty()));
    expect([g.scalar(2), g.ints(1, 2)]).toEqual([g.scalar(2), g.ints(1, 2)]);
    expect(g.graph.initializers.size).toBe(2);
  });

  test("a misfit throws where it is built and leaves the graph as it was", () => {
    const g = opsOn(typedBuilder(empty()));
    const x = g.input("x", "float32", [2, 3]);
    expect(() => g.matmul(x, x)).toThrow(UserError);
    expect(g.graph.nodes).toEqual([]);
    expect(g.relu(x)).toBe("Relu");
  });

  test("a value twice, a value that is not there and an append over another are bugs", () => {
    const g = opsOn(typedBuilder(empty()));
    const x = g.input("x", "float32", [2]);
    expect(() => g.input("x", "float32", [2])).toThrow('has a value "x" already');
    expect(() => g.output(x, "x2")).not.toThrow();
    expect(() => g.output(x, "x2")).toThrow('has a value "x2" already');
    expect(() => g.dims("z")).toThrow('value "z" is not in graph "t"');
    const node = { name: "n", op: "Relu", domain: "", inputs: [x], outputs: ["x"], attributes: {} };
    expect(() => g.append(node)).toThrow('has a value "x" already');
    g.append({ ...node, outputs: ["r"] });
    expect(g.dims("r")).toEqual([2]);
  });
});
