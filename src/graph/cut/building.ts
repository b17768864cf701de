// The graph that a cut makes, while it is made.

import type { Graph, GraphNode } from "../graph.ts";
import type { GraphTensor } from "../tensor.ts";
import type { Uses } from "../uses.ts";

export interface Building {
  readonly cut: Graph;
  /** Of the graph before. */
  readonly before: Uses;
  unique(label: string): string;
  /** What a new constant was made from. */
  readonly origins: Map<string, string>;
  /** The nodes so far by what they write. */
  readonly writers: Map<string, GraphNode>;
  /** Dims of values of the graph before, as far as they are left. */
  dims(name: string): readonly number[] | undefined;
  readonly ranks: Map<string, number>;
  /** Values that were made narrower, by value, axis and what they lost. */
  readonly narrowed: Map<string, string | undefined>;
  /** Whether what several nodes read is computed anew for those that read less of it. */
  readonly twice: boolean;
}

export function place({ cut, writers }: Building, node: GraphNode): void {
  cut.nodes.push(node);
  for (const name of node.outputs) writers.set(name, node);
}

export function addConstant({ cut, unique, origins }: Building, label: string, tensor: GraphTensor): string {
  const name = unique(label);
  cut.initializers.set(name, tensor);
  origins.set(name, origins.get(label) ?? label);
  return name;
}
