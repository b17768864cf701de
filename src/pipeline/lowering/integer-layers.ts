// The layers of a graph that quantize-dynamic and quantize-static multiply in whole numbers, and their other forms:
//
//     Mul(Cast(MatMulInteger(q, W₈, z)), s · scales)   →   MatMul(x, W)     q, s, z = DynamicQuantizeLinear(x)
//     Gemm(DQ(Q(x)), DQ(W₈), DQ(b₃₂))                  →   Gemm(x, W, b)    and MatMul the same
//
// where W is unpacked once, when a runtime opens the model (packed), or in the file (float32).

import type { Graph, GraphNode } from "../../graph/graph.ts";
import { dtypeCode } from "../../graph/infer/dtypes.ts";
import { replacement } from "../../graph/replacement.ts";
import { float32, type GraphTensor } from "../../graph/tensor.ts";
import { type Uses, usesOf } from "../../graph/uses.ts";

export const layerForms = ["integers", "packed", "float32"] as const;
export type LayerForm = (typeof layerForms)[number];

interface IntegerLayer {
  /** The constant of int8 weights. */
  readonly name: string;
  /** The node whose place is taken. */
  readonly product: GraphNode;
  readonly x: string;
  readonly weights: Scaled;
  readonly bias?: Scaled;
}

/** Whole numbers and the constants that they are multiplied with, one in all or one a column. */
interface Scaled {
  readonly q: string;
  readonly scales: string;
}

/** The names of the constants of int8 weights, in the order of the graph. */
export const integerLayers = (graph: Graph): string[] => found(usesOf(graph)).map(({ name }) => name);

/** Puts layers in these forms, in place; those that are left out stay as they are. */
export function setLayerForms(graph: Graph, forms: Readonly<Record<string, LayerForm>>): void {
  const uses = usesOf(graph);
  for (const layer of found(uses)) {
    const form = forms[layer.name] ?? "integers";
    if (form === "integers") continue;
    const { product, x, name, weights, bias } = layer;
    const made = replacement(uses, product, name);
    const unpacked = (label: string, { q, scales }: Scaled): string => {
      if (form === "float32") return made.constant(label, product32(uses.constant(q)!, uses.constant(scales)!));
      return made.node("Mul", [made.node("Cast", [q], { to: dtypeCode.float32 }), scales]);
    };
    const inputs = [x, unpacked("float32", weights), ...(bias ? [unpacked("bias.float32", bias)] : [])];
    const isGemm = product.op === "Gemm";
    made.node(isGemm ? "Gemm" : "MatMul", inputs, isGemm ? product.attributes : {}, product.outputs);
    made.done();
  }
  uses.removeUnused();
}

const found = (uses: Uses): IntegerLayer[] => uses.graph.nodes.flatMap((node) => layerOf(uses, node) ?? []);

function layerOf(uses: Uses, node: GraphNode): IntegerLayer | undefined {
  if (node.domain !== "") return undefined;
  if (node.op === "Mul") return dynamicLayer(uses, node);
  return node.op === "MatMul" || node.op === "Gemm" ? staticLayer(uses, node) : undefined;
}

function dynamicLayer(uses: Uses, node: GraphNode): IntegerLayer | undefined {
  const [sums, by] = node.inputs.map((input) => uses.producer(input));
  const product = sums?.op === "Cast" ? uses.producer(sums.inputs[0]!) : undefined;
  if (product?.op !== "MatMulInteger" || by?.op !== "Mul") return undefined;
  const rounded = uses.producer(product.inputs[0]!);
  const name = product.inputs[1]!;
  const scales = by.inputs.find((input) => uses.constant(input));
  if (rounded?.op !== "DynamicQuantizeLinear" || !by.inputs.includes(rounded.outputs[1]!)) return undefined;
  if (scales === undefined || !fits(uses, name, scales, "int8")) return undefined;
  return { name, product: node, x: rounded.inputs[0]!, weights: { q: name, scales } };
}

function staticLayer(uses: Uses, node: GraphNode): IntegerLayer | undefined {
  const [input, weight, bias] = node.inputs.map((one) => uses.producer(one));
  const rounded = input?.op === "DequantizeLinear" ? uses.producer(input.inputs[0]!) : undefined;
  if (rounded?.op !== "QuantizeLinear") return undefined;
  const weights = dequantized(uses, weight, "int8");
  if (!weights) return undefined;
  const own = { name: weights.q, product: node, x: rounded.inputs[0]!, weights };
  if (node.inputs.length < 3) return own;
  const added = dequantized(uses, bias, "int32");
  return added && { ...own, bias: added };
}

/** Constants that a DequantizeLinear reads, without a zero point other than 0. */
function dequantized(uses: Uses, node: GraphNode | undefined, dtype: "int8" | "int32"): Scaled | undefined {
  if (node?.op !== "DequantizeLinear") return undefined;
  const [q, scales, zeros] = node.inputs as [string, string, string | undefined];
  const isZero = Array.from(uses.constant(zeros ?? "")?.data ?? [], Number).every((zero) => zero === 0);
  return isZero && fits(uses, q, scales, dtype) ? { q, scales } : undefined;
}

/** Whether scales stand for the last dimension of whole numbers, or are one number. */
function fits(uses: Uses, q: string, scales: string, dtype: GraphTensor["dtype"]): boolean {
  const [whole, by] = [uses.constant(q), uses.constant(scales)];
  if (whole?.dtype !== dtype || by?.dtype !== "float32" || whole.dims.length > 2) return false;
  return by.data.length === 1 || (by.dims.length === 1 && by.dims[0] === whole.dims.at(-1));
}

function product32(whole: GraphTensor, { data: scales }: GraphTensor): GraphTensor {
  const [q, by] = [whole.data as Int8Array | Int32Array, scales as Float32Array];
  return float32(
    whole.dims,
    Float32Array.from(q, (x, i) => x * by[i % by.length]!),
  );
}
