// A graph without some of its parts, and what it then reads.

import type { ForeignTable } from "../../../artifact/foreign.ts";
import { cutGraph, meansOf } from "../../../graph/cut/cut.ts";
import { axesOf, type Gone, settled, union } from "../../../graph/cut/gone.ts";
import type { Graph } from "../../../graph/graph.ts";
import type { GraphTensor } from "../../../graph/tensor.ts";
import { usesOf } from "../../../graph/uses.ts";
import { verify } from "../../../graph/verify.ts";
import { findEmbeddingTables } from "../../../recommender/foreign/embedding-tables.ts";
import { viewGraph } from "../../../recommender/foreign/view.ts";
import { copyOf } from "../pack-tables.ts";
import { dropFields } from "./fields.ts";
import type { Cut, Part, Whole } from "./part.ts";

export type Means = (value: string, dims: readonly number[]) => GraphTensor;

/** The values whose means make up for what goes with these parts, with their dims; a UserError where they cannot go. */
export function meansWanted(whole: Whole, parts: readonly Part[]): Map<string, readonly number[]> {
  const { graph, gone, moves } = begin(whole, parts);
  return moves && gone.size > 0 ? meansOf(graph, gone) : new Map();
}

/** What is left without `parts`; a UserError says why they cannot go. */
export function without(whole: Whole, parts: readonly Part[], means: Means): Cut {
  const { graph: begun, gone, moves, dropped } = begin(whole, parts);
  const graph = gone.size > 0 ? cutGraph(begun, { gone, ...(moves && { mean: means }) }) : begun;
  verify(graph);
  const { adapt, inputs, ...columns } = dropped;
  const { columns: _, ...rest } = whole;
  const left = "columns" in columns ? columns.columns : whole.columns;
  const tables = tablesLeft(graph, whole.manifest.tables);
  return { ...rest, ...(left && { columns: left }), graph, manifest: { ...whole.manifest, inputs, tables }, adapt };
}

/** What needs no following: fields' rows of tables, blocks that are passed by. */
function begin(whole: Whole, parts: readonly Part[]) {
  const graph = copyOf(whole.graph);
  passBy(
    graph,
    parts.flatMap(({ bypass }) => bypass ?? []),
  );
  const dropped = dropFields(graph, whole, parts);
  const gone = new Map<string, Gone>();
  for (const [name, own] of parts.flatMap((part) => [...part.gone])) {
    const before = gone.get(name);
    const all = own === "all" || before === "all";
    const both = all ? "all" : settled(union(axesOf(before), axesOf(own)));
    if (both) gone.set(name, both);
  }
  return { graph, gone, dropped, moves: parts.some(({ moves }) => moves) };
}

/** Whoever reads one of these values reads what takes its place, which may have been passed by, too. */
function passBy(graph: Graph, bypassed: readonly NonNullable<Part["bypass"]>[]): void {
  if (bypassed.length === 0) return;
  const uses = usesOf(graph);
  const places = new Map(bypassed.map(({ value, by }) => [value, by]));
  for (const { value, by } of bypassed) {
    let at = by;
    while (places.has(at)) at = places.get(at)!;
    uses.replaceAllUses(value, at);
  }
  uses.removeUnused();
}

/** What is left of the tables, as the graph now picks from them. */
function tablesLeft(graph: Graph, tables: readonly ForeignTable[]): ForeignTable[] {
  if (tables.length === 0) return [];
  const found = findEmbeddingTables(viewGraph(graph));
  return tables.flatMap((table) => {
    const now = found.find(({ name }) => name === table.name);
    if (now) return [{ ...table, rows: now.rows, cols: now.cols, pickers: now.pickers, copies: now.copies }];
    return graph.initializers.has(table.name) || table.encoding !== undefined ? [table] : [];
  });
}
