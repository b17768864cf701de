// The dense layers of a graph, x W + b with a constant float32 W, as exporters write them:
//
//     Gemm(x, W, b)   Gemm(x, Wᵀ, b) {transB: 1}   Add(MatMul(x, W), b)   MatMul(x, W)

import type { GraphNode } from "./graph.ts";
import { floatAttribute, intAttribute } from "./infer/rule.ts";
import { elements, float32 } from "./tensor.ts";
import type { Uses } from "./uses.ts";

export interface DenseLayer {
  /** The constant W. */
  readonly name: string;
  readonly product: GraphNode;
  /** The Add of the bias, where it is a node of its own. */
  readonly sum?: GraphNode;
  readonly bias?: string;
  readonly x: string;
  /** What x W + b is called. */
  readonly y: string;
  readonly ins: number;
  readonly outs: number;
  /** W is kept as [outs, ins]. */
  readonly transposed: boolean;
}

/** A constant that products read and that is no layer for passes over layers, and why. */
export interface NoLayer {
  readonly name: string;
  readonly refused: string;
}

/** In the order of the graph. */
export function denseLayers(uses: Uses): (DenseLayer | NoLayer)[] {
  const seen = new Set<string>();
  return uses.graph.nodes.flatMap((node) => {
    const name = node.inputs[1] ?? "";
    const tensor = uses.graph.initializers.get(name);
    if (!isProduct(node) || tensor?.dtype !== "float32" || tensor.dims.length < 2 || seen.has(name)) return [];
    seen.add(name);
    const refused = refusal(uses, node, name);
    return [refused === undefined ? layerOf(uses, node, name) : { name, refused }];
  });
}

export const isProduct = ({ op, domain }: GraphNode): boolean => domain === "" && (op === "MatMul" || op === "Gemm");

function refusal(uses: Uses, node: GraphNode, name: string): string | undefined {
  if (uses.graph.initializers.get(name)!.dims.length !== 2) return "it is a stack of matrices";
  if (uses.readers(name).length > 1) return "several nodes read it";
  if (uses.isOutput(name)) return "it is an output of the graph";
  const plain = (key: string) => floatAttribute(node, key, 1) === 1;
  if (node.op === "Gemm" && !(plain("alpha") && plain("beta") && intAttribute(node, "transA", 0) === 0))
    return "its Gemm scales or transposes what it multiplies";
  return undefined;
}

function layerOf(uses: Uses, product: GraphNode, name: string): DenseLayer {
  const { dims } = uses.graph.initializers.get(name)!;
  const transposed = product.op === "Gemm" && intAttribute(product, "transB", 0) === 1;
  const [ins, outs] = (transposed ? [dims[1], dims[0]] : dims) as [number, number];
  const own = { name, product, x: product.inputs[0]!, ins, outs, transposed };
  const y = product.outputs[0]!;
  if (product.op === "Gemm") {
    const bias = product.inputs[2];
    return { ...own, y, ...(isBias(uses, bias, outs) && { bias: bias! }) };
  }
  const [sum, ...others] = uses.readers(y);
  const bias = sum?.inputs.find((input) => input !== y);
  const added = sum?.op === "Add" && sum.domain === "" && others.length === 0 && !uses.isOutput(y);
  return added && isBias(uses, bias, outs) ? { ...own, y: sum.outputs[0]!, sum, bias: bias! } : { ...own, y };
}

/** One number an output, and read by nothing else. */
function isBias(uses: Uses, name: string | undefined, outs: number): boolean {
  const tensor = name === undefined ? undefined : uses.graph.initializers.get(name);
  return (
    tensor?.dtype === "float32" &&
    tensor.dims.at(-1) === outs &&
    elements(tensor.dims) === outs &&
    uses.readers(name!).length === 1 &&
    !uses.isOutput(name!)
  );
}

/** Whether Gemm adds something that is no bias of the layer's own: what replaces it must add that. */
export const addsOther = ({ product, bias }: DenseLayer): boolean =>
  product.op === "Gemm" && bias === undefined && (product.inputs[2] ?? "") !== "";

/** W as [ins, outs], a copy. */
export const weightOf = ({ graph }: Uses, layer: DenseLayer): Float32Array =>
  inColumns(layer, graph.initializers.get(layer.name)!.data as Float32Array);

/** [ins, outs] of numbers in the layout that the graph has the layer's W in, a copy. */
export const inColumns = ({ ins, outs, transposed }: Layout, data: Float32Array): Float32Array =>
  transposed ? transpose(data, outs, ins) : data.slice();

type Layout = Pick<DenseLayer, "ins" | "outs" | "transposed">;

/** The layer's W in the layout that the graph has it in, from [ins, outs]. */
export const asKept = ({ ins, outs, transposed }: Layout, weight: Float32Array) =>
  transposed ? float32([outs, ins], transpose(weight, ins, outs)) : float32([ins, outs], weight);

export function biasOf({ graph }: Uses, { bias }: DenseLayer): Float32Array | undefined {
  return bias === undefined ? undefined : (graph.initializers.get(bias)!.data as Float32Array);
}

function transpose(data: Float32Array, rows: number, cols: number): Float32Array {
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) out[c * rows + r] = data[r * cols + c]!;
  return out;
}

/** Bytes of the layer's numbers. */
export const layerBytes = ({ ins, outs, bias }: DenseLayer): number =>
  4 * (ins * outs + (bias === undefined ? 0 : outs));
