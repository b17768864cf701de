// Puts packed rows in place of a graph's float32 tables: each Gather of one becomes the nodes that gather and unpack
// (recommender/lower-table.ts). Only what is gathered is unpacked.

import { isPicked } from "../../engine/training/learnable.ts";
import { buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { usesOf } from "../../graph/uses.ts";
import { lowerTable } from "../../recommender/lower-table.ts";
import { f32Table, type Table } from "../../tables/table.ts";

/** The operators of lowered tables need it. */
const opset = 15;

/** A copy of the graph whose nodes and constants can be changed without changing its own. */
export const copyOf = (graph: Graph): Graph => ({
  ...graph,
  nodes: graph.nodes.map((node) => ({ ...node, inputs: [...node.inputs], outputs: [...node.outputs] })),
  initializers: new Map(graph.initializers),
});

/** A table of the graph as passes take it, or why it cannot be packed. */
export function tableOf(graph: Graph, name: string): Table | { readonly refused: string } {
  const tensor = graph.initializers.get(name);
  if (!tensor) return { refused: "the graph computes it, or holds it in packed form already" };
  if (tensor.dtype !== "float32") return { refused: `its numbers are ${tensor.dtype}` };
  if (graph.opset < opset) return { refused: `the graph is of opset ${graph.opset}, unpacking needs ${opset}` };
  const uses = usesOf(graph);
  if (!isPicked(uses, name)) {
    const other = uses.readers(name).find(({ op }) => op !== "Gather")?.op ?? "a Gather along another axis";
    return { refused: `${other} reads it whole` };
  }
  const [rows, cols] = tensor.dims as [number, number];
  return f32Table(rows, cols, tensor.data as Float32Array);
}

/** What the packed table and the ids are called while they are apart from the graph. */
const [apart, ids] = ["table", "ids"];

/** Replaces, in place, what reads the table `name` of the graph by what reads `table`. */
export function packTable(graph: Graph, name: string, table: Table): void {
  const uses = usesOf(graph);
  const b = buildGraph(name, graph.opset);
  const lowered = lowerTable(b, apart, table);
  const readers = uses.readers(name);
  graph.initializers.delete(name);
  const names = new Map<string, string>();
  for (const gather of readers) {
    const before = b.graph.nodes.length;
    const rows = lowered.rows(ids);
    for (const constant of b.graph.initializers.keys()) {
      const own = constant.startsWith(apart) ? `${name}${constant.slice(apart.length)}` : `${name}.${constant}`;
      if (!names.has(constant)) names.set(constant, uses.unique(own));
    }
    names.set(ids, gather.inputs[1]!);
    const nodes = b.graph.nodes.slice(before);
    for (const output of nodes.flatMap((node) => node.outputs)) {
      names.set(output, output === rows ? gather.outputs[0]! : uses.unique(`${gather.outputs[0]}/${output}`));
    }
    uses.replaceNode(
      gather,
      nodes.map((node) => ({
        ...node,
        name: uses.unique(`${gather.name || gather.outputs[0]}/${node.name}`),
        inputs: node.inputs.map((input) => names.get(input)!),
        outputs: node.outputs.map((output) => names.get(output)!),
      })),
    );
  }
  for (const [constant, tensor] of b.graph.initializers) graph.initializers.set(names.get(constant)!, tensor);
}
