// Nodes in the making that will stand in a node's place, named after it.

import type { Attribute, GraphNode } from "./graph.ts";
import type { GraphTensor } from "./tensor.ts";
import type { Uses } from "./uses.ts";

export interface Replacement {
  constant(label: string, tensor: GraphTensor): string;
  /** A node of one output, or of as many as named; returns the first. */
  node(
    op: string,
    inputs: readonly string[],
    attributes?: Record<string, Attribute>,
    outputs?: readonly string[],
  ): string;
  /** Puts the nodes in place. */
  done(): void;
}

/** What will replace `node`; `label` begins the names of constants. */
export function replacement(uses: Uses, node: GraphNode, label: string): Replacement {
  const nodes: GraphNode[] = [];
  const base = node.name || node.outputs[0]!;
  return {
    constant(own, tensor) {
      const name = uses.unique(`${label}.${own}`);
      uses.graph.initializers.set(name, tensor);
      return name;
    },
    node(op, inputs, attributes = {}, outputs) {
      const name = uses.unique(`${base}/${op}`);
      const own = outputs ? [...outputs] : [name];
      nodes.push({ name, op, domain: "", inputs: [...inputs], outputs: own, attributes });
      return own[0]!;
    },
    done: () => uses.replaceNode(node, nodes),
  };
}
