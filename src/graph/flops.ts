// How much arithmetic a graph is, counted from its shapes; a multiplication and an addition are two operations. Whatever
// only moves or compares numbers is free, and so is what is known before anything runs.

import type { Graph, GraphNode } from "./graph.ts";
import { inferGraph } from "./infer/index.ts";
import { intAttribute, textAttribute } from "./infer/rule.ts";
import { elements } from "./tensor.ts";

type Dims = readonly number[];

interface Shapes {
  readonly node: GraphNode;
  /** [] for an input that is left out. */
  readonly inputs: readonly Dims[];
  readonly output: Dims;
}

type Cost = (shapes: Shapes) => number;

const free: Cost = () => 0;
const each =
  (operations: number): Cost =>
  ({ output }) =>
    operations * elements(output);
const eachInput: Cost = ({ inputs }) => elements(inputs[0]!);
const product: Cost = ({ inputs, output }) => 2 * elements(output) * inputs[0]!.at(-1)!;
const variadic: Cost = ({ inputs, output }) => (inputs.length - 1) * elements(output);

const gemm: Cost = ({ node, inputs, output }) => {
  const inner = inputs[0]![intAttribute(node, "transA", 0) ? 0 : 1]!;
  return 2 * elements(output) * inner + (inputs.length > 2 ? elements(output) : 0);
};

/** Every weight of an output channel meets every output once. */
const convolution: Cost = ({ inputs, output }) => 2 * elements(output) * elements(inputs[1]!.slice(1));

/** Each step multiplies the input by W and the state by R, both directions' together. */
const recurrent: Cost = ({ inputs: [x, w, r] }) => {
  const [steps, batch] = x as [number, number, number];
  return 2 * steps * batch * (elements(w!) + elements(r!));
};

/** Every output is a sum over the labels that it lacks, of products of all operands. */
const einsum: Cost = ({ node, inputs, output }) => {
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
  const summed = elements([...sizes].flatMap(([label, size]) => (lacks(label) ? [size] : [])));
  return inputs.length * summed * elements(output);
};

const families: readonly (readonly [Cost, string])[] = [
  [product, "MatMul MatMulInteger FusedMatMul"],
  [({ node, output }) => 2 * elements(output) * intAttribute(node, "K", 0), "MatMulNBits"],
  [gemm, "Gemm"],
  [einsum, "Einsum"],
  [convolution, "Conv"],
  [recurrent, "RNN GRU LSTM"],
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
];
const costs: ReadonlyMap<string, Cost> = new Map(
  families.flatMap(([cost, ops]) => ops.split(" ").map((op) => [op, cost] as const)),
);

/**
 * Operations of one run with each named dimension of the inputs at the size that `bind` gives. An operator that is not in
 * the list above counts one a number that it writes.
 */
export function countFlops(graph: Graph, bind: Readonly<Record<string, number>>): number {
  const { types, constants } = inferGraph(graph, bind);
  const dims = (name: string) => types.get(name)?.dims ?? [];
  let total = 0;
  for (const node of graph.nodes) {
    if (node.outputs.every((name) => constants.has(name))) continue;
    const cost = costs.get(node.op) ?? each(1);
    total += cost({ node, inputs: node.inputs.map(dims), output: dims(node.outputs[0]!) });
  }
  return total;
}
