// How much arithmetic the nodes of a graph are, counted from their shapes; a multiplication and an addition are two
// operations. Whatever only moves or compares numbers is free, and so is what is known before anything runs.

import type { Graph, GraphNode } from "./graph.ts";
import { inferGraph } from "./infer/index.ts";
import { intAttribute, textAttribute } from "./infer/rule.ts";
import { runningNodes } from "./running.ts";
import { elements } from "./tensor.ts";

type Dims = readonly number[];

interface Shapes {
  readonly node: GraphNode;
  /** [] for an input that is left out. */
  readonly inputs: readonly Dims[];
  readonly output: Dims;
}

type Count = (shapes: Shapes) => number;

const free: Count = () => 0;
const each =
  (operations: number): Count =>
  ({ output }) =>
    operations * elements(output);
const eachInput: Count = ({ inputs }) => elements(inputs[0]!);
const variadic: Count = ({ inputs, output }) => (inputs.length - 1) * elements(output);

/** Every output of a product is a sum over the last axis of its left side. */
const product: Count = ({ inputs, output }) => elements(output) * inputs[0]!.at(-1)!;
const blocks: Count = ({ node, output }) => elements(output) * intAttribute(node, "K", 0);
const gemm: Count = ({ node, inputs, output }) =>
  elements(output) * inputs[0]![intAttribute(node, "transA", 0) ? 0 : 1]!;
/** Every weight of an output channel meets every output once. */
const convolution: Count = ({ inputs, output }) => elements(output) * elements(inputs[1]!.slice(1));
/** Each step multiplies the input by W and the state by R, both directions' together. */
const recurrent: Count = ({ inputs: [x, w, r] }) => {
  const [steps, batch] = x as [number, number, number];
  return steps * batch * (elements(w!) + elements(r!));
};

/** Numbers that are summed: those of an output, times the labels that it lacks. */
const einsum: Count = ({ node, inputs, output }) => {
  const [left = "", right] = textAttribute(node, "equation", "").replaceAll(" ", "").split("->");
  const sizes = new Map<string, number>();
  for (const [i, term] of left.split(",").entries()) {
    const [front = "", back = ""] = term.split("...");
    for (const [axis, label] of [...front].entries()) sizes.set(label, inputs[i]![axis]!);
    for (const [axis, label] of [...back].entries()) sizes.set(label, inputs[i]!.at(axis - back.length)!);
  }
  // Without an arrow the output has the labels that occur once.
  const lacks = (label: string) =>
    right === undefined ? left.indexOf(label) !== left.lastIndexOf(label) : !right.includes(label);
  return elements([...sizes].flatMap(([label, size]) => (lacks(label) ? [size] : []))) * elements(output);
};

type Family = readonly [count: Count, ops: string];
const byName = (families: readonly Family[]): ReadonlyMap<string, Count> =>
  new Map(families.flatMap(([count, ops]) => ops.split(" ").map((op) => [op, count] as const)));

/** Multiply-adds of products. */
const products = byName([
  [product, "MatMul MatMulInteger FusedMatMul"],
  [blocks, "MatMulNBits"],
  [gemm, "Gemm"],
  [convolution, "Conv"],
  [recurrent, "RNN GRU LSTM"],
  [(shapes) => (shapes.inputs.length > 1 ? einsum(shapes) : 0), "Einsum"],
]);

/** Operations beside the two of each multiply-add. */
const others = byName([
  [free, [...products.keys()].join(" ")],
  [({ inputs, output }) => (inputs.length > 2 ? elements(output) : 0), "Gemm"],
  [(shapes) => (shapes.inputs.length === 2 ? 0 : Math.abs(shapes.inputs.length - 2) * einsum(shapes)), "Einsum"],
  [variadic, "Sum Max Min Mean"],
  [each(5), "Softmax LogSoftmax"],
  [each(8), "LayerNormalization SkipLayerNormalization InstanceNormalization GroupNormalization"],
  // A scale and a shift: the statistics are constants of a graph that answers.
  [each(2), "BatchNormalization"],
  [
    eachInput,
    "ReduceSum ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceSumSquare ReduceLogSum ReduceLogSumExp CumSum AveragePool GlobalAveragePool",
  ],
  [
    free,
    "Reshape Flatten Squeeze Unsqueeze Expand Transpose Concat Split Slice Tile Pad Identity Cast CastLike Dropout Gather GatherElements GatherND ScatterElements ScatterND OneHot NonZero Where Shape Size Range Constant ConstantOfShape EyeLike Trilu TopK ArgMax ArgMin MaxPool GlobalMaxPool Equal Greater GreaterOrEqual Less LessOrEqual And Or Not IsNaN IsInf DepthToSpace SpaceToDepth",
  ],
]);

export interface Work {
  /** Operations; a multiply-add of a product is two of them. */
  readonly flops: number;
  /** Multiply-adds of products. */
  readonly macs: number;
}

/** The work of one node; an operator that is in neither list above counts one operation a number that it writes. */
export function workOf(node: GraphNode, dims: (value: string) => Dims): Work {
  const shapes = { node, inputs: node.inputs.map(dims), output: dims(node.outputs[0]!) };
  const macs = products.get(node.op)?.(shapes) ?? 0;
  return { flops: 2 * macs + (others.get(node.op) ?? each(1))(shapes), macs };
}

/** Operations of one run with each named dimension of the inputs at the size that `bind` gives. */
export function countFlops(graph: Graph, bind: Readonly<Record<string, number>>): number {
  const known = inferGraph(graph, bind);
  const dims = (name: string) => known.types.get(name)?.dims ?? [];
  return runningNodes(graph, known).reduce((sum, node) => sum + workOf(node, dims).flops, 0);
}
