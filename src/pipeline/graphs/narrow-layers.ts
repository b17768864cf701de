// Takes neurons out of the hidden layers of a graph and slices its weights, so that the file is smaller and a run does less:
//
//     x W (+ b) → [norm] → activation → · W'      keeps of each layer the neurons j of the largest  s_j · ‖W'_j‖
//
// s_j is how much neuron j varies: behind a batch norm of scale γ and bias β and before a ReLU the deviation of
// max(0, N(β, γ²)), else ‖W_j‖ (magnitude pruning of whole neurons: Li et al., arXiv 1608.08710). What a neuron behind a norm
// is on average goes into the next layer's bias, so that one that never varies goes without a trace.

import type { Graph, GraphNode } from "../../graph/graph.ts";
import { elements, float32 } from "../../graph/tensor.ts";
import { type Uses, usesOf } from "../../graph/uses.ts";
import { normalCdf } from "../../stats/distributions.ts";

export interface NarrowedLayer {
  /** Its weight. */
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** A constant, and along which axis its neurons lie. */
interface Along {
  readonly name: string;
  readonly axis: number;
}

interface HiddenLayer {
  readonly weight: Along;
  readonly neurons: number;
  /** Everything that has an entry for each neuron, the weight included. */
  readonly own: readonly Along[];
  /** Whether a neuron whose own numbers are all 0 is 0 for the next layer. */
  readonly keepsZero: boolean;
  /** Scale and bias of the last norm, where a ReLU follows it. */
  readonly norm?: { readonly scale: string; readonly bias: string };
  readonly next: readonly { readonly node: GraphNode; readonly weight: Along }[];
}

/**
 * Takes out `share` of every hidden layer's neurons, in place; says what became of each layer. A share of 0 takes those
 * out that change no answer: nothing reads them, or they are always 0 (a mask emptied them).
 */
export function narrowLayers(graph: Graph, share: number): NarrowedLayer[] {
  const uses = usesOf(graph);
  // By their weights, for a layer that is sliced changes the node behind it.
  return graph.nodes
    .flatMap((node) => weightOf(uses, node, 1)?.name ?? [])
    .flatMap((name): NarrowedLayer[] => {
      const layer = hiddenLayer(uses, uses.readers(name)[0]!);
      if (!layer) return [];
      const { weight, neurons, own, next } = layer;
      const kept =
        share > 0
          ? mostImportant(graph, layer, Math.max(1, Math.round(neurons * (1 - share))))
          : livingOf(graph, layer);
      if (share === 0 && kept.length === neurons) return [];
      moveMeans(uses, layer, kept);
      for (const one of [...own, ...next.map(({ weight }) => weight)]) slice(graph, one, kept);
      // What the file says of values between nodes is of the old widths.
      if (graph.values) graph.values = [];
      return [{ name: weight.name, before: neurons, after: kept.length }];
    });
}

const activations = new Set(["Relu", "LeakyRelu", "Elu", "Gelu", "Sigmoid", "Tanh", "Softplus", "Identity", "Dropout"]);

const keepZero = new Set(["Add", "Relu", "LeakyRelu", "Elu", "Gelu", "Tanh", "Identity", "Dropout"]);

/** The hidden layer whose product `node` is, if it is one that can be sliced. */
function hiddenLayer(uses: Uses, node: GraphNode): HiddenLayer | undefined {
  const weight = weightOf(uses, node, 1);
  if (!weight) return undefined;
  const neurons = sizeOf(uses, weight);
  const own: Along[] = [weight];
  const take = (name: string | undefined) => {
    const dims = name && uses.graph.initializers.get(name)?.dims;
    if (!dims || elements(dims) !== neurons || dims.at(-1) !== neurons || !isOwn(uses, name)) return false;
    own.push({ name, axis: dims.length - 1 });
    return true;
  };
  if (node.inputs[2] && !take(node.inputs[2])) return undefined;
  let norm: HiddenLayer["norm"];
  let [rectified, keepsZero] = [false, true];
  for (let value = node.outputs[0]!; ; ) {
    if (uses.isOutput(value)) return undefined;
    const readers = uses.readers(value);
    const next = readers.map((reader) => ({
      node: reader,
      weight: reader.inputs[0] === value && weightOf(uses, reader, 0),
    }));
    if (next.length > 0 && next.every((one) => one.weight && sizeOf(uses, one.weight) === neurons)) {
      const ends = next as HiddenLayer["next"];
      return { weight, neurons, own, next: ends, keepsZero, ...(norm && rectified && { norm }) };
    }
    const [reader] = readers;
    if (readers.length !== 1 || !reader || reader.outputs.length !== 1) return undefined;
    if (reader.op === "BatchNormalization") {
      if (!reader.inputs.slice(1, 5).every(take)) return undefined;
      [norm, rectified] = [{ scale: reader.inputs[1]!, bias: reader.inputs[2]! }, false];
    } else if (reader.op === "Add") {
      if (!take(reader.inputs.find((name) => name !== value))) return undefined;
      norm = undefined;
    } else if (activations.has(reader.op)) {
      if (reader.op === "Relu" && !rectified) rectified = true;
      else if (!["Identity", "Dropout"].includes(reader.op)) norm = undefined;
    } else return undefined;
    keepsZero &&= keepZero.has(reader.op);
    value = reader.outputs[0]!;
  }
}

/** The neurons that matter to an answer, the first one where none does. */
function livingOf(graph: Graph, { neurons, own, next, keepsZero }: HiddenLayer): number[] {
  const sums = (along: readonly Along[]) => {
    const total = new Float64Array(neurons);
    for (const one of along) for (const [j, x] of norms(graph, one).entries()) total[j]! += x;
    return total;
  };
  const [before, after] = [sums(own), sums(next.map(({ weight }) => weight))];
  const living = Array.from(after.keys()).filter((j) => after[j]! > 0 && !(keepsZero && before[j] === 0));
  return living.length > 0 ? living : [0];
}

/** The float32 matrix that a product multiplies by, and the axis of its outputs (1) or of its inputs (0). */
function weightOf(uses: Uses, { op, inputs, attributes }: GraphNode, side: 0 | 1): Along | undefined {
  if ((op !== "MatMul" && op !== "Gemm") || attributes["transA"]) return undefined;
  const name = inputs[1]!;
  const tensor = uses.graph.initializers.get(name);
  if (tensor?.dtype !== "float32" || tensor.dims.length !== 2 || !isOwn(uses, name)) return undefined;
  return { name, axis: attributes["transB"] ? 1 - side : side };
}

const isOwn = ({ readers, isOutput }: Uses, name: string): boolean => readers(name).length === 1 && !isOutput(name);
const sizeOf = ({ graph }: Uses, { name, axis }: Along): number => graph.initializers.get(name)!.dims[axis]!;
const numbers = ({ initializers }: Graph, name: string) => initializers.get(name)!.data as Float32Array;

/** The `count` neurons that matter most, in their order. */
function mostImportant(graph: Graph, { weight, neurons, norm, next }: HiddenLayer, count: number): number[] {
  const varies = norm
    ? Float64Array.from({ length: neurons }, (_, j) => rectifiedOf(graph, norm, j).deviation)
    : norms(graph, weight);
  const after = new Float64Array(neurons);
  for (const one of next) {
    for (const [j, x] of norms(graph, one.weight).entries()) after[j]! += x * x;
  }
  const order = Array.from({ length: neurons }, (_, j) => j);
  order.sort((i, j) => varies[j]! ** 2 * after[j]! - varies[i]! ** 2 * after[i]! || i - j);
  return order.slice(0, count).sort((i, j) => i - j);
}

/** ‖ ‖ of each neuron's entries. */
function norms(graph: Graph, along: Along): Float64Array {
  const { dims } = graph.initializers.get(along.name)!;
  const sums = new Float64Array(dims[along.axis]!);
  eachEntry(graph, along, (j, x) => {
    sums[j]! += x * x;
  });
  return sums.map(Math.sqrt);
}

/** Calls `each` with neuron, number, and place among the neuron's numbers. */
function eachEntry(graph: Graph, { name, axis }: Along, each: (j: number, x: number, other: number) => void): void {
  const [, columns = 1] = graph.initializers.get(name)!.dims;
  numbers(graph, name).forEach((x, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    each(axis === 0 ? row : column, x, axis === 0 ? column : row);
  });
}

// Of y = max(0, N(β, γ²)), with u = β / |γ|:  E y = β Φ(u) + |γ| φ(u),  E y² = (β² + γ²) Φ(u) + β |γ| φ(u)
/** Mean and deviation of a neuron behind norm and ReLU. */
function rectifiedOf(graph: Graph, { scale, bias }: NonNullable<HiddenLayer["norm"]>, j: number) {
  const [g, b] = [Math.abs(numbers(graph, scale)[j]!), numbers(graph, bias)[j]!];
  if (g === 0) return { mean: Math.max(0, b), deviation: 0 };
  const [below, density] = [normalCdf(b / g), Math.exp(-((b / g) ** 2) / 2) / Math.sqrt(2 * Math.PI)];
  const mean = b * below + g * density;
  const square = (b * b + g * g) * below + b * g * density;
  return { mean, deviation: Math.sqrt(Math.max(0, square - mean * mean)) };
}

/** Adds what the neurons that go are on average to the biases behind them. */
function moveMeans(uses: Uses, { neurons, norm, next }: HiddenLayer, kept: readonly number[]): void {
  if (!norm) return;
  const { graph } = uses;
  const stays = new Set(kept);
  const means = Float64Array.from({ length: neurons }, (_, j) => (stays.has(j) ? 0 : rectifiedOf(graph, norm, j).mean));
  for (const { node, weight } of next) {
    const { dims } = graph.initializers.get(weight.name)!;
    const moved = new Float32Array(dims[1 - weight.axis]!);
    eachEntry(graph, weight, (j, x, k) => {
      moved[k]! += means[j]! * x;
    });
    addBias(uses, node, moved, weight.name);
  }
}

/** x · W + bias in place of x · W. */
function addBias(uses: Uses, node: GraphNode, bias: Float32Array, label: string): void {
  const { graph } = uses;
  const constant = uses.unique(`${label}.means`);
  graph.initializers.set(constant, float32([bias.length], bias));
  const product = uses.unique(`${node.outputs[0]}/product`);
  const add = { op: "Add", domain: "", inputs: [product, constant], outputs: [...node.outputs], attributes: {} };
  uses.replaceNode(node, [
    { ...node, outputs: [product] },
    { ...add, name: uses.unique(`${node.name || product}/means`) },
  ]);
}

function slice({ initializers }: Graph, { name, axis }: Along, kept: readonly number[]): void {
  const { dims, data } = initializers.get(name)!;
  const inner = elements(dims.slice(axis + 1));
  const outer = elements(dims.slice(0, axis));
  const out = new Float32Array(outer * kept.length * inner);
  for (let o = 0, to = 0; o < outer; o++) {
    for (const j of kept) {
      const from = (o * dims[axis]! + j) * inner;
      out.set((data as Float32Array).subarray(from, from + inner), to);
      to += inner;
    }
  }
  initializers.set(name, float32(dims.with(axis, kept.length), out));
}
