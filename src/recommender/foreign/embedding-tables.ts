// The embedding tables of a graph: constant matrices whose rows are picked by numbers that come from an input.
//
//     Gather(table, index), axis 0            GatherND(table, Unsqueeze(index, -1))
//
// or that are the columns of a last product, one score a column (MatMul or Gemm before an output);
// and which input picks them: the whole of it, one of its columns, or (offset) an input to which constants are added.

import type { GraphNode } from "../../graph/graph.ts";
import { intAttribute } from "../../graph/infer/rule.ts";
import { tensorBytes } from "../../graph/tensor.ts";
import type { Constant, GraphView } from "./view.ts";

/** What picks rows of a table. */
export interface Picker {
  readonly input: string;
  /** The column of a [batch, columns] input that alone does. */
  readonly column?: number;
  /** Whether constants are added to the input first: one table for many fields. */
  readonly offset: boolean;
  /** Whether other operators stand between input and index: a hash, a clip, a model of its own. */
  readonly computed: boolean;
}

export interface EmbeddingTable {
  /** The initializer. */
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly bytes: number;
  readonly pickers: readonly Picker[];
  /** Other constants with the same numbers, as rows or transposed: copies that an exporter made of tied weights. */
  readonly copies: readonly string[];
  /** Whether it, or a copy, is the right side of a product: each row gives a score. */
  readonly scores: boolean;
}

/** Every embedding table, largest first. */
export function findEmbeddingTables(view: GraphView): EmbeddingTable[] {
  const found = new Map<string, { constant: Constant; pickers: Picker[] }>();
  for (const node of view.graph.nodes) {
    const lookup = lookupOf(view, node);
    if (!lookup) continue;
    const entry = found.get(lookup.table.name) ?? { constant: lookup.table, pickers: [] };
    found.set(lookup.table.name, entry);
    for (const picker of pickersOf(view, lookup.index)) {
      if (!entry.pickers.some((known) => same(known, picker))) entry.pickers.push(picker);
    }
  }
  const products = productConstants(view);
  const tables = [...found.values()].map(({ constant, pickers }): EmbeddingTable => {
    const [rows, cols] = shapeOf(constant);
    const copies = [...products.values()].filter(
      (other) => other.name !== constant.name && sameNumbers(constant, other),
    );
    return {
      ...{ name: constant.name, rows, cols, pickers },
      bytes: tensorBytes(constant.tensor).length,
      copies: copies.map(({ name }) => name),
      scores: copies.length > 0 || products.has(constant.name),
    };
  });
  const known = new Set(tables.flatMap(({ name, copies }) => [name, ...copies]));
  for (const constant of scoringHeads(view)) {
    if (known.has(constant.name)) continue;
    const [cols, rows] = shapeOf(constant);
    const bytes = tensorBytes(constant.tensor).length;
    tables.push({ ...{ name: constant.name, rows, cols, bytes }, pickers: [], copies: [], scores: true });
  }
  return tables.sort((a, b) => b.bytes - a.bytes);
}

/** A node that picks rows of a constant matrix by numbers from an input. */
export function lookupOf(view: GraphView, node: GraphNode): { table: Constant; index: string } | undefined {
  const [data = "", indices = ""] = node.inputs;
  let index = indices;
  if (node.op === "GatherND") {
    const unsqueeze = view.writer(indices);
    if (intAttribute(node, "batch_dims", 0) !== 0 || unsqueeze?.op !== "Unsqueeze") return undefined;
    const axes = view.integers(unsqueeze.inputs[1] ?? "");
    // The index must be a column of its own: the last axis of what Unsqueeze gives.
    if (axes?.length !== 1 || (axes[0] !== -1 && axes[0] !== 1)) return undefined;
    index = unsqueeze.inputs[0] ?? "";
  } else if (node.op !== "Gather" || intAttribute(node, "axis", 0) !== 0) return undefined;
  const table = view.constant(data);
  if (table?.tensor.dims.length !== 2 || !isFloat(table) || view.inputsOf(index).size === 0) return undefined;
  return { table, index };
}

/** Rows and columns as a node sees the constant. */
function shapeOf({ tensor, transposed }: Constant): [rows: number, cols: number] {
  const [a = 0, b = 0] = tensor.dims;
  return transposed ? [b, a] : [a, b];
}

const isFloat = ({ tensor }: Constant) => /float/.test(tensor.dtype);
const same = (a: Picker, b: Picker) =>
  a.input === b.input && a.column === b.column && a.offset === b.offset && a.computed === b.computed;

/** Follows an index back to the inputs that it comes from. */
function pickersOf(view: GraphView, index: string): Picker[] {
  let [at, offset, column]: [string, boolean, number | undefined] = [index, false, undefined];
  for (let steps = 0; steps <= view.graph.nodes.length; steps++) {
    const node = view.writer(at);
    if (!node) return [{ input: at, ...(column !== undefined && { column }), offset, computed: false }];
    const [first = "", second = ""] = node.inputs;
    if (["Identity", "Cast", "Unsqueeze", "Squeeze", "Reshape", "Flatten"].includes(node.op)) at = first;
    else if (node.op === "Add" && view.constant(second)) [at, offset] = [first, true];
    else if (node.op === "Add" && view.constant(first)) [at, offset] = [second, true];
    else {
      const picked: number | undefined = column === undefined ? columnOf(view, node, at) : undefined;
      if (picked === undefined) break;
      [at, column] = [first, picked];
    }
  }
  return [...view.inputsOf(index)].map((input) => ({ input, offset, computed: true }));
}

/** Which single column of its first input a node gives as `output`. */
function columnOf(view: GraphView, node: GraphNode, output: string): number | undefined {
  const axis = intAttribute(node, "axis", 0);
  const at = (input: number) => view.integers(node.inputs[input] ?? "");
  if (node.op === "Gather" && (axis === 1 || axis === -1)) {
    const index = at(1);
    return index?.length === 1 ? index[0] : undefined;
  }
  if (node.op === "Slice") {
    const [starts, ends, axes] = [at(1), at(2), at(3)];
    if (starts?.length !== 1 || ends?.length !== 1 || (axes?.[0] !== 1 && axes?.[0] !== -1)) return undefined;
    return ends[0]! - starts[0]! === 1 ? starts[0] : undefined;
  }
  if (node.op === "Split" && (axis === 1 || axis === -1)) {
    const sizes = at(1);
    const equal = sizes ? sizes.every((size) => size === 1) : true;
    return equal ? node.outputs.indexOf(output) : undefined;
  }
  return undefined;
}

/** The constant matrices on the right of MatMul and Gemm, by name. */
function productConstants(view: GraphView): Map<string, Constant> {
  const found = new Map<string, Constant>();
  for (const node of view.graph.nodes) {
    if (node.op !== "MatMul" && node.op !== "Gemm") continue;
    const right = view.constant(node.inputs[1] ?? "");
    if (right?.tensor.dims.length === 2) found.set(right.name, right);
  }
  return found;
}

/** Constants [width, items] of the product that gives an output, before biases and in front of a wide output only. */
function scoringHeads(view: GraphView): Constant[] {
  const found: Constant[] = [];
  for (const { name } of view.graph.outputs) {
    let node = view.writer(view.source(name));
    const added = node?.op === "Add" ? node.inputs.find((input) => view.inputsOf(input).size > 0) : undefined;
    if (added !== undefined) node = view.writer(view.source(added));
    if (node?.op !== "MatMul" && node?.op !== "Gemm") continue;
    const right = view.constant(node.inputs[1] ?? "");
    if (right?.tensor.dims.length !== 2 || !isFloat(right)) continue;
    const columns = node.op === "Gemm" && intAttribute(node, "transB", 0) === 1 ? turned(right) : right;
    const [width, items] = shapeOf(columns);
    if (items >= 2 * width) found.push(columns);
  }
  return found;
}

const turned = (constant: Constant): Constant => ({ ...constant, transposed: !constant.transposed });

/** Whether two stored matrices hold the same numbers, as they are or with their axes exchanged. */
function sameNumbers(a: Constant, b: Constant): boolean {
  if (a.tensor.dtype !== b.tensor.dtype) return false;
  const [rows = 0, cols = 0] = a.tensor.dims;
  const [x, y] = [a.tensor.data, b.tensor.data];
  const [bRows, bCols] = b.tensor.dims;
  if (bRows === rows && bCols === cols && x.every((value, i) => value === y[i])) return true;
  if (bRows !== cols || bCols !== rows) return false;
  for (let r = 0; r < rows; r++) for (let c = 0; c < cols; c++) if (x[r * cols + c] !== y[c * rows + r]) return false;
  return true;
}
