// What the inputs and outputs of a foreign graph seem to mean, each guess with its evidence.

import type { Graph, GraphValue } from "../../graph/graph.ts";
import type { EmbeddingTable } from "./embedding-tables.ts";
import { namedLike } from "./factors.ts";
import type { GraphView } from "./view.ts";

/** What a foreign input can be. */
export const inputRoles = ["user", "item", "category", "categories", "sequence", "mask", "length", "numeric"] as const;
export type InputRole = (typeof inputRoles)[number];

export interface Guess<Role extends string> {
  readonly role: Role | "unknown";
  /** Why, for people: "indexes user.weight, and is named like users". */
  readonly evidence: string;
}

/** The guess for one input; `tables` are those of the same graph. */
export function guessInput(view: GraphView, input: GraphValue, tables: readonly EmbeddingTable[]): Guess<InputRole> {
  const { name, dtype, shape } = input;
  const single = shape.slice(1).every((d) => d === 1);
  const indexed = tables.flatMap((table) =>
    table.pickers.filter((p) => p.input === name).map((picker) => ({ table, picker })),
  );
  if (/mask|padding/i.test(name)) return { role: "mask", evidence: "named so" };
  if (indexed.length === 0) {
    if (dtype === "bool") return { role: "mask", evidence: "true or false" };
    if (/float/.test(dtype)) return { role: "numeric", evidence: `${dtype} numbers` };
    if (/len/i.test(name) && single) return { role: "length", evidence: "whole numbers that index no table, named so" };
    return { role: "unknown", evidence: "whole numbers that index no table" };
  }
  const names = [...new Set(indexed.map(({ table }) => table.name))];
  const indexes = `indexes ${names.length > 3 ? `${names.length} tables` : names.join(", ")}`;
  if (single) {
    const named = namedLike(name);
    if (named) return { role: named, evidence: `${indexes}, and is named like ${named}s` };
    if (onlyInput(view.graph)) return { role: "user", evidence: `${indexes}, and is the only input` };
    return { role: "category", evidence: indexes };
  }
  if (indexed.some(({ picker }) => picker.column !== undefined))
    return { role: "categories", evidence: `${indexes}, each by a column of its own` };
  if (indexed.some(({ picker }) => picker.offset))
    return { role: "categories", evidence: `${indexes} after constants are added to its columns` };
  const ordered = attends(view.graph);
  if (indexed.some(({ table }) => table.scores))
    return { role: "sequence", evidence: `${indexes}, which also scores the items` };
  if (ordered) return { role: "sequence", evidence: `${indexes} with all its columns, below ${ordered}` };
  return { role: "categories", evidence: `${indexes} with all its columns, and no layer reads them in order` };
}

const onlyInput = (graph: Graph) => graph.inputs.length === 1;
/** The operator that reads a sequence: recurrent, or the softmax of an attention. */
const attends = (graph: Graph) =>
  graph.nodes.find(({ op }) => ["GRU", "LSTM", "RNN", "Softmax", "Attention"].includes(op))?.op;

export type OutputMeaning = "scores" | "one" | "vector";

/** The guess for one output. */
export function guessOutput(
  view: GraphView,
  output: GraphValue,
  tables: readonly EmbeddingTable[],
): Guess<OutputMeaning> {
  const { shape, name } = output;
  const last = view.writer(view.source(name));
  const of = last ? ` of a ${last.op}` : "";
  if (shape.length === 1 || (shape.length === 2 && shape[1] === 1))
    return {
      role: "one",
      evidence: last?.op === "Sigmoid" ? "the Sigmoid of one number a row: a probability" : `one number a row${of}`,
    };
  const width = shape.at(-1);
  const table = tables.find((one) => one.rows === width && (one.scores || namedLike(one.name) === "item"));
  if (shape.length === 2 && table) return { role: "scores", evidence: `as many columns as ${table.name} has rows` };
  if (shape.length !== 2 || typeof width !== "number")
    return { role: "unknown", evidence: `shape [${shape.join(", ")}]${of}` };
  const head = last && ["MatMul", "Gemm", "Add"].includes(last.op) && width > 2 * widest(tables);
  return head
    ? { role: "scores", evidence: `${width} columns, many more than an embedding has` }
    : { role: "vector", evidence: `${width} numbers a row${of}` };
}

const widest = (tables: readonly EmbeddingTable[]) => Math.max(1, ...tables.map(({ cols }) => cols));
