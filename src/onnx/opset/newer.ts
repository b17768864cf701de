// Operators that came or changed after 21, by what 21 has. What changed in types alone is not named here.
//
//     Swish(x)             →  x · Sigmoid(α x)                                         (24)
//     RMSNormalization(x)  →  x / √(mean(x²) + ε) · scale                              (23)
//     Attention(Q, K, V)   →  Softmax(Q Kᵀ / √d, masked) V                             (23)
//     RotaryEmbedding(x)   →  [x₁ cos − x₂ sin, x₁ sin + x₂ cos]                       (23)

import type { GraphNode } from "../../graph/graph.ts";
import { float32 } from "../../graph/tensor.ts";
import { attention } from "./attention.ts";
import { type Family, type Lift, refuseLift, replacement, takeFloat, takeInts, wholeTensor } from "./lift.ts";

const MOST_AXES = 64;

const swish: Lift = (node, c) => {
  const { add, nodes } = replacement(node, c);
  const [x = ""] = node.inputs;
  const alpha = takeFloat(node, "alpha") ?? 1;
  const scaled = alpha === 1 ? x : add("Mul", [x, c.constant("alpha", float32([], Float32Array.of(alpha)))]);
  add("Mul", [x, add("Sigmoid", [scaled])], {}, node.outputs[0]);
  return nodes;
};

const rootMeanSquare: Lift = (node, c) => {
  onlyFloat32(node, c.dtype(node.inputs[0] ?? ""));
  const { add, nodes } = replacement(node, c);
  const [x = "", scale = ""] = node.inputs;
  const axis = takeInts(node, "axis")?.[0] ?? -1;
  const last = axis < 0 ? 0 : (c.dims(x)?.length ?? refuseLift(node, "how many axes its input has is not known"));
  if (!(axis < last && last - axis <= MOST_AXES)) refuseLift(node, `it has no axis ${axis}`);
  const axes = Array.from({ length: last - axis }, (_, i) => axis + i);
  const epsilon = takeFloat(node, "epsilon") ?? 1e-5;
  const mean = add("ReduceMean", [add("Mul", [x, x]), c.constant("axes", wholeTensor(axes))]);
  const root = add("Sqrt", [add("Add", [mean, c.constant("epsilon", float32([], Float32Array.of(epsilon)))])]);
  add("Mul", [add("Div", [x, root]), scale], {}, node.outputs[0]);
  return nodes;
};

const rotary: Lift = (node, c) => {
  const { add, nodes } = replacement(node, c);
  const [input = "", cosCache = "", sinCache = "", positions] = node.inputs;
  const whole = (...values: number[]) => c.constant("ints", wholeTensor(values));
  const heads = takeInts(node, "num_heads")?.[0] ?? 0;
  const rotated = takeInts(node, "rotary_embedding_dim")?.[0] ?? 0;
  const interleaved = takeInts(node, "interleaved")?.[0] === 1;
  // [batch, heads, length, d], or [batch, length, heads, d] where the heads lie in the last axis.
  const x = heads > 0 ? add("Reshape", [input, whole(0, 0, heads, -1)]) : input;
  const part = (from: number, to: number, step = 1) => add("Slice", [x, whole(from), whole(to), whole(3), whole(step)]);
  const end = rotated || 2 ** 31;
  const angle = (cache: string) =>
    add("Unsqueeze", [positions ? add("Gather", [cache, positions]) : cache, whole(heads > 0 ? 2 : 1)]);
  const [cos, sin] = [angle(cosCache), angle(sinCache)];
  const halves = () => {
    const names = [c.unique(`${node.outputs[0]}/first`), c.unique(`${node.outputs[0]}/second`)];
    add("Split", [rotated ? part(0, rotated) : x], { axis: -1, num_outputs: 2 }, ...names);
    return names;
  };
  const [first = "", second = ""] = interleaved ? [part(0, end, 2), part(1, end, 2)] : halves();
  const real = add("Sub", [add("Mul", [cos, first]), add("Mul", [sin, second])]);
  const imaginary = add("Add", [add("Mul", [sin, first]), add("Mul", [cos, second])]);
  const pair = (name: string) => (interleaved ? add("Unsqueeze", [name, whole(-1)]) : name);
  const turned = add("Concat", [pair(real), pair(imaginary)], { axis: -1 });
  const flat = interleaved ? add("Reshape", [turned, whole(0, 0, 0, -1)]) : turned;
  const all = rotated ? add("Concat", [flat, part(rotated, 2 ** 31)], { axis: -1 }) : flat;
  if (heads > 0) add("Reshape", [all, whole(0, 0, -1)], {}, node.outputs[0]);
  else add("Identity", [all], {}, node.outputs[0]);
  return nodes;
};

function onlyFloat32(node: GraphNode, dtype: string | undefined): void {
  if (dtype !== undefined && dtype !== "float32") refuseLift(node, `its form for ${dtype} is not converted`);
}

/** An attribute whose default is the operator at 21. */
const without =
  (name: string, ...same: readonly number[]): Lift =>
  (node) => {
    const value = takeInts(node, name)?.[0] ?? same[0]!;
    if (!same.includes(value)) refuseLift(node, `${name} ${value} has no equal in opset 21`);
    return undefined;
  };

/** It concerns a number type that nothing here has. */
const roundMode: Lift = (node) => {
  delete node.attributes["round_mode"];
  return undefined;
};

/** By the version that changed them, to be taken back from the latest on. */
export const newer: Family = {
  Cast: { 24: roundMode },
  CastLike: { 24: roundMode },
  QuantizeLinear: { 23: without("precision", 0, 1) },
  DequantizeLinear: { 23: without("output_dtype", 0, 1) },
  Swish: { 24: swish },
  RMSNormalization: { 23: rootMeanSquare },
  RotaryEmbedding: { 23: rotary },
  Attention: attention,
};
