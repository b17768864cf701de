// The part of a list of nodes that some values need.

import { readsOf } from "./bodies.ts";
import type { GraphNode } from "./graph.ts";

/** The nodes that compute `values`, in their order, and every name that they read, `values` included. */
export function neededFor(
  nodes: readonly GraphNode[],
  values: Iterable<string>,
): { readonly nodes: GraphNode[]; readonly names: ReadonlySet<string> } {
  const names = new Set(values);
  const needed = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => names.has(name))) return false;
    for (const name of readsOf(node)) names.add(name);
    return true;
  });
  return { nodes: needed.reverse(), names };
}
