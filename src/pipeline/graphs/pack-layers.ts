// Puts packed numbers in place of the float32 weights of a graph's dense layers. A weight becomes the nodes that unpack it
// from constants (recommender/lower-table.ts), which ONNX Runtime computes once, when it opens the model: the file is
// smaller, a run is what it was.

import { buildGraph } from "../../graph/builder.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { dtypeCode } from "../../graph/infer/dtypes.ts";
import { elements, int64 } from "../../graph/tensor.ts";
import { usesOf } from "../../graph/uses.ts";
import { lowerTable } from "../../recommender/lower-table.ts";
import { f32Table, type Table } from "../../tables/table.ts";
import { opset, placed } from "./pack-tables.ts";
import { lowerSparse } from "./sparse-layer.ts";

/** The constants of two dimensions or more that matrix products alone read: float32, or in 8 bits by DequantizeLinear. */
export function layersOf(graph: Graph): string[] {
  const uses = usesOf(graph);
  const multiplied = (name: string, by: readonly GraphNode[]): boolean =>
    by.length > 0 &&
    !uses.isOutput(name) &&
    by.every(({ op, inputs }) => op === "MatMul" || (op === "Gemm" && inputs.indexOf(name) < 2));
  return [...graph.initializers].flatMap(([name, { dtype, dims }]) => {
    if (dims.length < 2 || uses.isOutput(name)) return [];
    const readers = uses.readers(name);
    const [dequantized, ...others] = readers;
    if (dtype === "float32") return multiplied(name, readers) ? [name] : [];
    if (dtype !== "int8" || dequantized?.op !== "DequantizeLinear" || others.length > 0) return [];
    const [weight] = dequantized.outputs as [string];
    return multiplied(weight, uses.readers(weight)) ? [name] : [];
  });
}

/** Those of them in float32. */
export const floatLayersOf = (graph: Graph): string[] => layersOf(graph).filter((name) => !isInt8(graph, name));

/** Whether a layer is in 8 bits, which packing must keep. */
export const isInt8 = (graph: Graph, name: string): boolean => graph.initializers.get(name)!.dtype === "int8";

/** A layer's weight as passes take it, a row for each of all but its last dimension; or why it cannot be packed. */
export function layerTable(graph: Graph, name: string): Table | { readonly refused: string } {
  if (graph.opset < opset) return { refused: `the graph is of opset ${graph.opset}, unpacking needs ${opset}` };
  const { dims, data } = graph.initializers.get(name)!;
  return f32Table(elements(dims.slice(0, -1)), dims.at(-1)!, Float32Array.from(data as Float32Array | Int8Array));
}

/** Replaces, in place, the weight `name` by what unpacks `table`. */
export function packLayer(graph: Graph, name: string, table: Table): void {
  const uses = usesOf(graph);
  const b = buildGraph(name, graph.opset);
  const { dims, dtype } = graph.initializers.get(name)!;
  const numbers = table.encoding === "sparse" ? lowerSparse(b, table) : lowerTable(b, "table", table).all();
  const all = dtype === "int8" ? b.node("Cast", [numbers], { to: dtypeCode.int8 }) : numbers;
  const whole = dims.length === 2 ? all : b.node("Reshape", [all, b.constant("dims", int64(...dims))]);
  graph.initializers.delete(name);
  const [first] = uses.readers(name);
  const made = { name, constants: new Map<string, string>(), made: b.graph, known: new Map([[whole, name]]) };
  uses.insertBefore(first!, placed(uses, { ...made, at: first! }));
}
