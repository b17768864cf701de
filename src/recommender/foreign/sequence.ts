// Recognises a sequential recommender: items' scores are a product of a query, which follows one input of a sequence of
// items, with constant item vectors, plus biases of the items.
//
//     query(Gather(table, sequence), sequence ≠ padding) · items + bias
//
// What computes the query becomes an encoder of our own form (sequence-encoder.ts).

import type { Graph } from "../../graph/graph.ts";
import { lookupOf } from "./embedding-tables.ts";
import { splitScore, type Term } from "./factors.ts";
import { type Constant, type GraphView, viewGraph } from "./view.ts";

export interface SequencePlan {
  readonly input: string;
  /** Items of a sequence, the latest last. */
  readonly length: number;
  /** The number that fills up a short sequence in front. */
  readonly padding: number;
  /** The constant whose rows the sequence picks. */
  readonly table: Constant;
  /** The query, [batch, d]. */
  readonly query: string;
  /** Constant [d, items], or [items, d] unless `rightColumns`. */
  readonly right: string;
  readonly rightColumns: boolean;
  readonly scale: number;
  readonly itemTerms: readonly Term[];
  readonly sigmoid: boolean;
}

/** The plan, or the reason why the graph is no such model. */
export function recognizeSequence(graph: Graph): SequencePlan | { readonly why: string } {
  const view = viewGraph(graph);
  const [input, ...others] = graph.inputs;
  const [output, ...more] = graph.outputs;
  if (!input || !output || others.length > 0 || more.length > 0)
    return { why: "it has more than a sequence and its scores" };
  const [, length] = input.shape;
  if (input.shape.length !== 2 || !/^int/.test(input.dtype) || typeof length !== "number" || length < 2)
    return { why: `input "${input.name}" is no sequence of one length` };
  const top = view.writer(view.source(output.name));
  const sigmoid = top?.op === "Sigmoid";
  const split = splitScore(view, sigmoid ? (top.inputs[0] ?? "") : output.name);
  if ("why" in split) return split;
  const { product, terms } = split;
  if (view.inputsOf(product.right).size > 0) return { why: "its items' vectors are not constant" };
  if (terms.some(({ value }) => view.inputsOf(value).size > 0)) return { why: "a bias follows the sequence" };
  const tables = new Map<string, Constant>();
  for (const node of graph.nodes) {
    const lookup = lookupOf(view, node);
    if (lookup && view.source(lookup.index) === input.name) tables.set(lookup.table.name, lookup.table);
  }
  const [table, another] = tables.values();
  if (!table || another) return { why: `its sequence picks from ${tables.size} tables` };
  if (table.tensor.dtype !== "float32" || table.transposed) return { why: `table "${table.name}" is not float32 rows` };
  return {
    ...{ input: input.name, length, padding: paddingOf(view, input.name), table, query: product.left },
    ...{ right: product.right, rightColumns: product.rightColumns, scale: product.scale, itemTerms: terms, sigmoid },
  };
}

/** What the sequence is compared with, as a mask of its padding is made; 0 where it is not. */
function paddingOf(view: GraphView, input: string): number {
  const compared = view.readers(input).find(({ op }) => op === "Equal");
  const constants = compared?.inputs.flatMap((name) => view.integers(name) ?? []) ?? [];
  return constants.length === 1 ? constants[0]! : 0;
}
