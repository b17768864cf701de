// A recommender as an ONNX graph: the formula of recommender.ts, with the tables as small as their encodings let them
// be (lower-table.ts).
//
//     user    int64 [batch]                        for queries "user" and "none" (there only its length counts)
//     history int64 [batch, length], padded by -1  for query "history"; with an encoder the latest items, at most as
//                                                  many as it reads, padded in front
//     scores  float32 [batch, items]

import { must } from "../base/errors.ts";
import { type Builder, buildGraph } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { float32, int32, int64 } from "../graph/tensor.ts";
import { decodeSparse } from "../tables/sparse.ts";
import type { Table } from "../tables/table.ts";
import type { Encoder } from "./encoder/encoder.ts";
import type { Forms } from "./forms.ts";
import { type LoweredTable, lowerTable } from "./lower-table.ts";
import type { Pool, Recommender } from "./recommender.ts";

const FLOAT = 1;
const OPSET = 17;
/** The opset of encoder/encoder.ts. */
const ENCODER_OPSET = 21;

/** The graph `user` or `history` → `scores`, tables in these forms; more than 2 GB of tables is a UserError. */
export function lowerToOnnx(recommender: Recommender, forms: Forms = {}): Graph {
  const { query, tables, items, encoder } = recommender;
  const b = buildGraph("recommender", encoder ? ENCODER_OPSET : OPSET);
  let scores: string;
  if (query === "none") {
    const user = b.input("user", "int64", ["batch"]);
    const shape = b.node("Concat", [b.node("Shape", [user]), b.constant("items", int64(items))], { axis: 0 });
    scores = b.node("ConstantOfShape", [shape], { value: float32([1], Float32Array.of(0)) });
  } else {
    const item = tables.item && wholeOnce(lowerTable(b, "item_table", tables.item, forms.item));
    const pooled =
      query === "user"
        ? lowerTable(b, "user_table", must(tables.user, "tables.user"), forms.user).rows(
            b.input("user", "int64", ["batch"]),
          )
        : pooledHistory(b, recommender, forms, item);
    scores = item ? product(b, pooled, item) : pooled;
  }
  if (tables.gain) scores = b.node("Mul", [scores, lowerTable(b, "gain", tables.gain, forms.gain).all()]);
  if (tables.bias) scores = b.node("Add", [scores, lowerTable(b, "bias", tables.bias, forms.bias).all()]);
  b.node("Identity", [scores], {}, "scores");
  b.output("scores", "float32", ["batch", items]);
  return b.graph;
}

/** The table, whose nodes that unpack all of it are there once. */
function wholeOnce(table: LoweredTable): LoweredTable {
  let whole: string | undefined;
  return {
    ...table,
    all() {
      whole ??= table.all();
      return whole;
    },
  };
}

/** q · every row of the item table. */
function product(b: Builder, q: string, table: LoweredTable): string {
  return table.product?.(q) ?? b.node("MatMul", [q, b.node("Transpose", [table.all()], { perm: [1, 0] })]);
}

/** pool over the history's rows, padding masked out. */
function pooledHistory(b: Builder, recommender: Recommender, forms: Forms, item?: LoweredTable): string {
  const { tables, pool, items, encoder } = recommender;
  const history = b.input("history", "int64", ["batch", "length"]);
  const padding = b.constant("zero", int64(0));
  const index = b.node("Max", [history, padding]);
  const valid = b.node("Not", [b.node("Less", [history, padding])]);
  const mask = b.node("Cast", [valid], { to: FLOAT });
  const own = tables.history;
  const pickedRows = (): string => {
    if (own) return lowerTable(b, "history_table", own, forms.history).rows(index);
    const both = must(item, "tables.item");
    // A runtime that unpacks all of the rows for the product, once, has them for picking, too.
    return both.product ? both.rows(index) : b.node("Gather", [both.all(), index], { axis: 0 });
  };
  if (encoder) {
    const rows = pickedRows();
    const kept = b.node("Mul", [rows, b.node("Unsqueeze", [mask, b.constant("axis", int64(2))])]);
    return encoded(b, encoder, kept, mask);
  }
  const neighbours = !item && own?.encoding === "sparse" ? paddedNeighbours(own) : undefined;
  const sum = neighbours ? scatterNeighbours(b, index, mask, items, neighbours) : maskedSum(b, pickedRows(), mask);
  return scaledSum(b, sum, mask, pool);
}

/** The encoder alone: `rows` [batch, length, width] and `mask` [batch, length] → `query` [batch, d]. */
export function lowerEncoder(encoder: Encoder): Graph {
  const b = buildGraph("encoder", ENCODER_OPSET);
  const rows = b.input("rows", "float32", ["batch", "length", encoder.width]);
  const query = encoded(b, encoder, rows, b.input("mask", "float32", ["batch", "length"]));
  b.output(query, "float32", ["batch", encoder.d]);
  return b.graph;
}

/** The encoder's nodes, their values renamed so that they meet no others. */
function encoded(b: Builder, encoder: Encoder, rows: string, mask: string): string {
  const names = new Map([
    ["", ""],
    ["rows", rows],
    ["mask", mask],
  ]);
  for (const [name, tensor] of Object.entries(encoder.weights)) names.set(name, b.constant(`encoder/${name}`, tensor));
  const known = (name: string) => must(names.get(name), `the encoder's value "${name}"`);
  for (const { op, inputs, outputs, attributes } of encoder.nodes) {
    for (const name of outputs) if (name) names.set(name, `encoder/${name}`);
    const renamed = { inputs: inputs.map(known), outputs: outputs.map(known) };
    b.graph.nodes.push({ name: renamed.outputs[0]!, op, domain: "", ...renamed, attributes: { ...attributes } });
  }
  return known("query");
}

function maskedSum(b: Builder, rows: string, mask: string): string {
  const masked = b.node("Mul", [rows, b.node("Unsqueeze", [mask, b.constant("axis", int64(2))])]);
  return b.node("ReduceSum", [masked, b.constant("axis", int64(1))], { keepdims: 0 });
}

function scaledSum(b: Builder, sum: string, mask: string, pool: Pool): string {
  if (pool === "sum") return sum;
  const count = b.node("ReduceSum", [mask, b.constant("axis", int64(1))], { keepdims: 1 });
  const least = b.node("Max", [count, b.constant("one", float32([], Float32Array.of(1)))]);
  return b.node("Div", [sum, pool === "mean" ? least : b.node("Sqrt", [least])]);
}

interface Neighbours {
  readonly width: number;
  readonly rows: number;
  readonly index: Int32Array;
  readonly weight: Float32Array;
}

/** A sparse square table as fixed-width rows of (item, weight), filled up by weight 0; undefined where dense is smaller. */
function paddedNeighbours(table: Table): Neighbours | undefined {
  const { indptr, indices, values } = decodeSparse(table);
  let width = 1;
  for (let row = 0; row < table.rows; row++) width = Math.max(width, indptr[row + 1]! - indptr[row]!);
  if (width * 2 > table.cols) return undefined;
  const index = new Int32Array(table.rows * width);
  const weight = new Float32Array(table.rows * width);
  for (let row = 0; row < table.rows; row++) {
    index.set(indices.subarray(indptr[row], indptr[row + 1]), row * width);
    weight.set(values.subarray(indptr[row], indptr[row + 1]), row * width);
  }
  return { width, rows: table.rows, index, weight };
}

/** scores[b, neighbour] += weight over the neighbours of all items of a history. */
function scatterNeighbours(b: Builder, index: string, mask: string, items: number, n: Neighbours): string {
  const dims = [n.rows, n.width];
  const pick = (constant: string) => b.node("Gather", [constant, index], { axis: 0 });
  // The width is written out and not left to -1, which has no value for an empty history.
  const flat = (value: string) => {
    const shape = b.node("Shape", [mask]);
    const sizes = b.node("Mul", [shape, b.constant("sizes", int64(1, n.width))]);
    return b.node("Reshape", [value, sizes], { allowzero: 1 });
  };
  const to = flat(pick(b.constant("neighbours", int32(dims, n.index))));
  const weights = pick(b.constant("weights", float32(dims, n.weight)));
  const masked = flat(b.node("Mul", [weights, b.node("Unsqueeze", [mask, b.constant("axis", int64(2))])]));
  const batch = b.node("Shape", [mask], { start: 0, end: 1 });
  const shape = b.node("Concat", [batch, b.constant("items", int64(items))], { axis: 0 });
  const zeros = b.node("ConstantOfShape", [shape], { value: float32([1], Float32Array.of(0)) });
  return b.node("ScatterElements", [zeros, to, masked], { axis: 1, reduction: "add" });
}
