// Which nodes of a graph run when it answers: those that follow an input. What only constants reach is worked out once,
// when a runtime loads the graph.

import { readsOf } from "./bodies.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { Types } from "./infer/index.ts";

/** The nodes that follow an input and whose outputs `known`, the types for a size of every input, does not fold. */
export function runningNodes(graph: Graph, { constants }: Types): GraphNode[] {
  const follows = new Set(graph.inputs.map(({ name }) => name));
  return graph.nodes.filter((node) => {
    if (![...readsOf(node)].some((name) => follows.has(name))) return false;
    if (node.outputs.every((name) => !name || constants.has(name))) return false;
    for (const name of node.outputs) if (name && !constants.has(name)) follows.add(name);
    return true;
  });
}
