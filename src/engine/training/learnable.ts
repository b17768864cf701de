// Which constants of a graph can learn, told by how they are used, not by what exporters call them: "mlp.0.weight" and
// "onnx::MatMul_123" alike.

import { readsOf } from "../../graph/bodies.ts";
import type { GraphNode } from "../../graph/graph.ts";
import { elements, type GraphTensor } from "../../graph/tensor.ts";
import type { Uses } from "../../graph/uses.ts";

/** An additive mask says "never" by a number of this size or by -∞; no weight does. */
const MASKING = 1e4;
/** A single number up to this is there against a division by 0. */
const EPSILON = 1e-5;

/** Operators that pass no gradient on. */
const stopping = new Set([
  ...["Shape", "Size", "Range", "Equal", "Not", "And", "Or", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"],
  ...["ArgMax", "ArgMin", "NonZero", "IsNaN", "IsInf", "OneHot"],
]);
const floatTypes: readonly unknown[] = [1, 10, 11, 16];

/** Inputs that are settings: bounds, exponents, rates, moving statistics and ranges of quantisation. */
const settings: Readonly<Record<string, readonly number[]>> = {
  ...{ Clip: [1, 2], Pow: [1], Dropout: [1, 2], BatchNormalization: [3, 4], Where: [0] },
  ...{ QuantizeLinear: [1, 2], DequantizeLinear: [1, 2] },
};

/**
 * The float32 initializers that a gradient of an output reaches and that are no settings, no masks (additive, or of 0
 * and 1 alone) and no epsilons. Numbers without a dimension are scales or settings; they do not learn either.
 */
export function learnable(uses: Uses): string[] {
  const reached = reachedFrom(uses);
  return [...uses.graph.initializers].flatMap(([name, tensor]) =>
    reached.has(name) && isWeight(uses, name, tensor) ? [name] : [],
  );
}

/** Values that some output follows through operators and inputs that pass gradients on. */
function reachedFrom({ graph }: Uses): ReadonlySet<string> {
  const reached = new Set(graph.outputs.map(({ name }) => name));
  for (const node of graph.nodes.toReversed()) {
    if (stops(node) || !node.outputs.some((name) => reached.has(name))) continue;
    const inner = node.inputs.filter((_, i) => !settings[node.op]?.includes(i));
    for (const name of [...inner, ...[...readsOf(node)].filter((read) => !node.inputs.includes(read))]) {
      reached.add(name);
    }
  }
  return reached;
}

const stops = ({ op, attributes }: GraphNode) =>
  stopping.has(op) || (op === "Cast" && !floatTypes.includes(attributes["to"]));

function isWeight(uses: Uses, name: string, { dtype, dims, data }: GraphTensor): boolean {
  if (dtype !== "float32" || dims.length === 0) return false;
  const isSetting = uses.readers(name).some(({ op, inputs }) => settings[op]?.includes(inputs.indexOf(name)));
  return !isSetting && !isMask(dims, data as Float32Array) && !isEpsilon(data as Float32Array);
}

function isMask(dims: readonly number[], data: Float32Array): boolean {
  if (data.some((x) => !(Math.abs(x) < MASKING))) return true;
  return dims.length > 1 && data.includes(0) && data.includes(1) && data.every((x) => x === 0 || x === 1);
}

const isEpsilon = ([x = 0, ...more]: Float32Array) => more.length === 0 && x > 0 && x <= EPSILON;

/** Whether Gather alone reads a matrix, by rows, and which rows the graph's inputs say. */
export function isPicked(uses: Uses, name: string): boolean {
  const readers = uses.readers(name);
  const { dims } = uses.graph.initializers.get(name)!;
  return (
    dims.length === 2 &&
    elements(dims) > 0 &&
    readers.length > 0 &&
    !uses.isOutput(name) &&
    readers.every(
      ({ op, inputs, attributes }) =>
        op === "Gather" && inputs[0] === name && !attributes["axis"] && followsInput(uses, inputs[1]!),
    )
  );
}

/** Whether a value follows the numbers of an input, and not only its shape. */
function followsInput({ graph, producer }: Uses, value: string): boolean {
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const seen = new Set<string>();
  const open = [value];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (inputs.has(at)) return true;
    const node = producer(at);
    if (seen.has(at) || !node || node.op === "Shape" || node.op === "Size") continue;
    seen.add(at);
    open.push(...readsOf(node));
  }
  return false;
}
