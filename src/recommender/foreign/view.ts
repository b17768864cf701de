// Read-only questions about a graph that came from outside: who writes a value, which inputs its numbers follow, and
// which constant stands behind Identity, Cast and Transpose.

import { readsOf } from "../../graph/bodies.ts";
import type { Attribute, Graph, GraphNode } from "../../graph/graph.ts";
import type { GraphTensor } from "../../graph/tensor.ts";

/** A constant as some node reads it: the stored tensor and what became of it on the way. */
export interface Constant {
  /** The initializer, or the output of the Constant node that holds it. */
  readonly name: string;
  readonly tensor: GraphTensor;
  /** Whether the two axes of a matrix were exchanged. */
  readonly transposed: boolean;
}

export interface GraphView {
  readonly graph: Graph;
  writer(value: string): GraphNode | undefined;
  readers(value: string): readonly GraphNode[];
  /** Names of the graph's inputs that the value's numbers follow; what is read through Shape does not count. */
  inputsOf(value: string): ReadonlySet<string>;
  constant(value: string): Constant | undefined;
  /** The whole numbers of a constant, as axes and indices are given. */
  integers(value: string): readonly number[] | undefined;
  /** The value behind Identity, Dropout and Cast. */
  source(value: string): string;
}

const none: ReadonlySet<string> = new Set();

/** Reads the graph once; it must not change while the view is in use. */
export function viewGraph(graph: Graph): GraphView {
  const writers = new Map<string, GraphNode>();
  const readers = new Map<string, GraphNode[]>();
  const follows = new Map<string, ReadonlySet<string>>(graph.inputs.map(({ name }) => [name, new Set([name])]));
  for (const node of graph.nodes) {
    const union = new Set<string>();
    for (const input of readsOf(node)) {
      if (node.op !== "Shape" && node.op !== "Size") for (const name of follows.get(input) ?? none) union.add(name);
      const known = readers.get(input);
      if (known) known.push(node);
      else readers.set(input, [node]);
    }
    for (const output of node.outputs) {
      writers.set(output, node);
      follows.set(output, union);
    }
  }
  const held = (name: string): GraphTensor | undefined => {
    const node = writers.get(name);
    if (!node) return graph.initializers.get(name);
    const value = node.op === "Constant" ? node.attributes["value"] : undefined;
    return isTensor(value) ? value : undefined;
  };
  const view: GraphView = {
    graph,
    writer: (value) => writers.get(value),
    readers: (value) => readers.get(value) ?? [],
    inputsOf: (value) => follows.get(value) ?? none,
    constant(value) {
      let transposed = false;
      for (let at = value, steps = 0; steps <= graph.nodes.length; steps++) {
        const tensor = held(at);
        if (tensor) return { name: at, tensor, transposed };
        const node = writers.get(at);
        if (node?.op === "Transpose") transposed = !transposed;
        else if (node?.op !== "Identity" && node?.op !== "Cast") return undefined;
        at = node.inputs[0] ?? "";
      }
      return undefined;
    },
    integers(value) {
      const tensor = view.constant(value)?.tensor;
      return tensor && (tensor.dtype === "int64" || tensor.dtype === "int32")
        ? Array.from(tensor.data as BigInt64Array | Int32Array, Number)
        : undefined;
    },
    source(value) {
      let at = value;
      for (let steps = 0; steps <= graph.nodes.length; steps++) {
        const node = writers.get(at);
        if (!node || !["Identity", "Dropout", "Cast"].includes(node.op)) return at;
        at = node.inputs[0] ?? "";
      }
      return at;
    },
  };
  return view;
}

const isTensor = (value: Attribute | undefined): value is GraphTensor => typeof value === "object" && "dtype" in value;
