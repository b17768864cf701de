// The order of nodes: every value is written before it is read, and otherwise as it was.

import { UserError } from "../base/errors.ts";
import { readsOf } from "./bodies.ts";
import type { GraphBody, GraphNode } from "./graph.ts";

/** Sorts the nodes in place; a cycle is a UserError that names a node in or behind it. */
export function sortNodes(graph: GraphBody): void {
  const producers = new Map<string, GraphNode>();
  for (const node of graph.nodes) for (const name of node.outputs) if (name) producers.set(name, node);
  const waits = new Map<GraphNode, number>();
  const blocked = new Map<GraphNode, GraphNode[]>();
  const place = new Map(graph.nodes.map((node, i) => [node, i]));
  for (const node of graph.nodes) {
    const sources = new Set([...readsOf(node)].flatMap((name) => producers.get(name) ?? []));
    waits.set(node, sources.size);
    for (const source of sources) {
      const list = blocked.get(source);
      if (list) list.push(node);
      else blocked.set(source, [node]);
    }
  }
  const ready = heap(graph.nodes.filter((node) => waits.get(node) === 0).map((node) => place.get(node)!));
  const sorted: GraphNode[] = [];
  for (let at = ready.pop(); at !== undefined; at = ready.pop()) {
    const node = graph.nodes[at]!;
    sorted.push(node);
    for (const next of blocked.get(node) ?? []) {
      const left = waits.get(next)! - 1;
      waits.set(next, left);
      if (left === 0) ready.push(place.get(next)!);
    }
  }
  if (sorted.length < graph.nodes.length) {
    const stuck = graph.nodes.find((node) => waits.get(node)! > 0)!;
    throw new UserError(`${stuck.op} ${stuck.name || stuck.outputs[0]}: it waits for a value that depends on itself.`);
  }
  graph.nodes = sorted;
}

/** Smallest first. */
function heap(numbers: number[]): { push(n: number): void; pop(): number | undefined } {
  // Ascending, hence a heap already.
  const h = numbers;
  const swap = (a: number, b: number) => ([h[a], h[b]] = [h[b]!, h[a]!]);
  return {
    push(n) {
      h.push(n);
      for (let i = h.length - 1; i > 0 && h[(i - 1) >> 1]! > h[i]!; i = (i - 1) >> 1) swap(i, (i - 1) >> 1);
    },
    pop() {
      const top = h[0];
      const last = h.pop();
      if (h.length === 0 || last === undefined) return top;
      h[0] = last;
      for (let i = 0, child = 1; child < h.length; i = child, child = 2 * i + 1) {
        if (child + 1 < h.length && h[child + 1]! < h[child]!) child++;
        if (h[i]! <= h[child]!) break;
        swap(i, child);
      }
      return top;
    },
  };
}
