// Puts packed rows in place of a graph's float32 tables: each Gather of one becomes the nodes that gather and unpack
// (recommender/lower-table.ts). Only what is gathered is unpacked.

import { isPicked } from "../../engine/training/learnable.ts";
import { buildGraph } from "../../graph/builder.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { type Uses, usesOf } from "../../graph/uses.ts";
import { lowerTable } from "../../recommender/lower-table.ts";
import { f32Table, type Table } from "../../tables/table.ts";

/** The operators of lowered tables need it. */
export const opset = 15;

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
  const constants = new Map<string, string>();
  // What every reader unpacks from, such as codebooks, comes once, before the first of them.
  const shared = b.graph.nodes.slice();
  if (shared.length > 0) {
    const first = readers[0]!;
    const once = placed(uses, { name, constants, made: { ...b.graph, nodes: shared }, known: new Map(), at: first });
    uses.insertBefore(first, once);
    for (const [n, node] of shared.entries()) {
      for (const [o, output] of node.outputs.entries()) constants.set(output, once[n]!.outputs[o]!);
    }
  }
  for (const gather of readers) {
    const before = b.graph.nodes.length;
    const rows = lowered.rows(ids);
    const known = new Map([
      [ids, gather.inputs[1]!],
      [rows, gather.outputs[0]!],
    ]);
    const nodes = b.graph.nodes.slice(before);
    uses.replaceNode(gather, placed(uses, { name, constants, made: { ...b.graph, nodes }, known, at: gather }));
  }
}

interface Made {
  /** What was packed. */
  readonly name: string;
  /** Constants that are in the graph already, by what they are called apart; those that are new are added. */
  readonly constants: Map<string, string>;
  readonly made: Pick<Graph, "nodes" | "initializers">;
  /** What values apart are called in the graph. */
  readonly known: ReadonlyMap<string, string>;
  /** The node that what is new is named after. */
  readonly at: GraphNode;
}

/** Nodes that were made apart, by the names of the graph, which gets their constants. */
export function placed(uses: Uses, { name, constants, made, known, at }: Made): GraphNode[] {
  for (const [constant, tensor] of made.initializers) {
    if (constants.has(constant)) continue;
    const own = constant.startsWith(apart) ? `${name}${constant.slice(apart.length)}` : `${name}.${constant}`;
    constants.set(constant, uses.unique(own));
    uses.graph.initializers.set(constants.get(constant)!, tensor);
  }
  const names = new Map([...constants, ...known]);
  for (const output of made.nodes.flatMap((node) => node.outputs)) {
    if (!names.has(output)) names.set(output, uses.unique(`${at.outputs[0]}/${output}`));
  }
  return made.nodes.map((node) => ({
    ...node,
    name: uses.unique(`${at.name || at.outputs[0]}/${node.name}`),
    inputs: node.inputs.map((input) => names.get(input)!),
    outputs: node.outputs.map((output) => names.get(output)!),
  }));
}
