// Takes embedding tables out of a graph: each Gather of a table's rows becomes an input that holds the rows.

import { bug, UserError } from "../../base/errors.ts";
import type { Graph } from "../../graph/graph.ts";
import { inferGraph } from "../../graph/infer/index.ts";
import { neededFor } from "../../graph/needed.ts";

/** One read of a table: `rows`, an input of `dims`, holds the table's rows at the value `ids`. */
export interface Lookup {
  readonly table: string;
  readonly ids: string;
  readonly rows: string;
  readonly dims: readonly number[];
}

/** Lifts `tables`, which are inputs of the bound `graph`, out of it (in place); a table read otherwise is a UserError. */
export function liftTables(graph: Graph, tables: readonly string[]): Lookup[] {
  const { types } = inferGraph(graph);
  const lookups: Lookup[] = [];
  graph.nodes = graph.nodes.filter((node) => {
    const table = node.inputs.find((name) => tables.includes(name));
    if (table === undefined) return true;
    const axis = node.attributes["axis"] ?? 0;
    if (node.op !== "Gather" || node.inputs[0] !== table || axis !== 0) {
      throw new UserError(
        `table "${table}": ${node.op} reads it beside Gather; train it as a weight of the graph, not as a table.`,
      );
    }
    const [, ids] = node.inputs as [string, string];
    const rows = node.outputs[0]!;
    const dims = types.get(rows)?.dims ?? bug(`no type of "${rows}"`);
    lookups.push({ table, ids, rows, dims });
    graph.inputs.push({ name: rows, dtype: "float32", shape: [...dims] });
    return false;
  });
  graph.inputs = graph.inputs.filter(({ name }) => !tables.includes(name));
  return lookups;
}

/** The part of `graph` that computes `outputs` from its inputs; undefined where all of them are inputs themselves. */
export function partFor(graph: Graph, outputs: readonly string[]): Graph | undefined {
  const given = new Set(graph.inputs.map(({ name }) => name));
  const made = new Set(outputs.filter((name) => !given.has(name)));
  if (made.size === 0) return undefined;
  const { types } = inferGraph(graph);
  const named = [...made].map((name) => {
    const { dtype, dims } = types.get(name) ?? bug(`no type of "${name}"`);
    return { name, dtype, shape: [...dims] };
  });
  const { nodes, names } = neededFor(graph.nodes, made);
  return {
    ...graph,
    name: `${graph.name}.ids`,
    inputs: graph.inputs.filter(({ name }) => names.has(name)),
    outputs: named,
    initializers: new Map([...graph.initializers].filter(([name]) => names.has(name))),
    nodes,
  };
}
