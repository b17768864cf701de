// Who writes and who reads each value of a graph, kept right through edits that are made here.

import { bug } from "../base/errors.ts";
import { namesIn, readsOf, replaceOutsideReads } from "./bodies.ts";
import type { Graph, GraphNode } from "./graph.ts";
import type { GraphTensor } from "./tensor.ts";

/** A view of a graph; edits of nodes that are not made through it leave it stale. */
export interface Uses {
  readonly graph: Graph;
  /** The node that writes a value; undefined for inputs and constants. */
  producer(value: string): GraphNode | undefined;
  /** The nodes that read a value, in their graphs too. */
  readers(value: string): readonly GraphNode[];
  isOutput(value: string): boolean;
  /** The numbers of an initializer, or of a Constant that holds a tensor. */
  constant(value: string): GraphTensor | undefined;
  /** A name that no value has, from `label`. */
  unique(label: string): string;
  /** Whoever read `value` now reads `by`. An output of the graph keeps its name: it becomes an Identity of `by`. */
  replaceAllUses(value: string, by: string): void;
  /** Puts nodes in front of one of the graph. */
  insertBefore(node: GraphNode, nodes: readonly GraphNode[]): void;
  /** Puts nodes, which may write the same values, in a node's place. */
  replaceNode(node: GraphNode, nodes: readonly GraphNode[]): void;
  removeNodes(nodes: ReadonlySet<GraphNode>): void;
  /** Removes nodes and constants that no output depends on, and returns how many. Inputs stay: they are an interface. */
  removeUnused(): number;
}

export function usesOf(graph: Graph): Uses {
  const producers = new Map<string, GraphNode>();
  const readers = new Map<string, Set<GraphNode>>();
  let outputs = new Set(graph.outputs.map((v) => v.name));
  const taken = namesIn(graph);

  const add = (node: GraphNode) => {
    for (const name of node.outputs) {
      producers.set(name, node);
      taken.add(name);
    }
    for (const name of readsOf(node)) {
      const set = readers.get(name);
      if (set) set.add(node);
      else readers.set(name, new Set([node]));
    }
  };
  const forget = (node: GraphNode) => {
    for (const name of node.outputs) if (producers.get(name) === node) producers.delete(name);
    for (const name of readsOf(node)) readers.get(name)?.delete(node);
  };
  const place = (node: GraphNode): number => {
    const at = graph.nodes.indexOf(node);
    return at < 0 ? bug(`node ${node.name} is not in graph "${graph.name}"`) : at;
  };
  graph.nodes.forEach(add);

  const uses: Uses = {
    graph,
    producer: (value) => producers.get(value),
    readers: (value) => [...(readers.get(value) ?? [])],
    isOutput: (value) => outputs.has(value),
    constant: (value) => graph.initializers.get(value) ?? constantOf(producers.get(value)),
    unique(label) {
      let name = label;
      for (let n = 2; taken.has(name); n++) name = `${label}_${n}`;
      taken.add(name);
      return name;
    },
    replaceAllUses(value, by) {
      for (const node of uses.readers(value)) {
        forget(node);
        node.inputs = node.inputs.map((name) => (name === value ? by : name));
        replaceOutsideReads(node, value, by);
        add(node);
      }
      const writer = producers.get(value);
      if (!outputs.has(value) || !writer) return;
      writer.outputs = writer.outputs.map((name) => (name === value ? uses.unique(value) : name));
      producers.delete(value);
      add(writer);
      const identity = {
        name: uses.unique(`${value}/Identity`),
        op: "Identity",
        domain: "",
        inputs: [by],
        outputs: [value],
        attributes: {},
      };
      graph.nodes.push(identity);
      add(identity);
    },
    insertBefore(node, nodes) {
      graph.nodes.splice(place(node), 0, ...nodes);
      nodes.forEach(add);
    },
    replaceNode(node, nodes) {
      const at = place(node);
      forget(node);
      graph.nodes.splice(at, 1, ...nodes);
      nodes.forEach(add);
    },
    removeNodes(nodes) {
      nodes.forEach(forget);
      graph.nodes = graph.nodes.filter((node) => !nodes.has(node));
    },
    removeUnused() {
      outputs = new Set(graph.outputs.map((v) => v.name));
      const needed = new Set(outputs);
      const dead = new Set<GraphNode>();
      for (const node of [...graph.nodes].reverse()) {
        if (node.outputs.some((name) => needed.has(name))) for (const name of readsOf(node)) needed.add(name);
        else dead.add(node);
      }
      uses.removeNodes(dead);
      const idle = [...graph.initializers.keys()].filter((name) => !needed.has(name));
      for (const name of idle) graph.initializers.delete(name);
      if (graph.defaults) graph.defaults = graph.defaults.filter(({ name }) => graph.initializers.has(name));
      if (graph.values) graph.values = graph.values.filter(({ name }) => needed.has(name));
      return dead.size + idle.length;
    },
  };
  return uses;
}

function constantOf(node: GraphNode | undefined): GraphTensor | undefined {
  const value = node?.op === "Constant" && node.domain === "" ? node.attributes["value"] : undefined;
  return typeof value === "object" && "dtype" in value ? value : undefined;
}
