// Builds a graph front to back: each call appends and returns the name of the value it made.

import type { Attribute, Graph } from "./graph.ts";
import type { DType, GraphTensor } from "./tensor.ts";

export interface Builder {
  readonly graph: Graph;
  input(name: string, dtype: DType, shape: (number | string)[]): string;
  /** An initializer; `name` is made unique. */
  constant(name: string, tensor: GraphTensor): string;
  /** One node with one output, whose name is `op` and a number, or `output` where given. */
  node(op: string, inputs: string[], attributes?: Record<string, Attribute>, output?: string): string;
  output(name: string, dtype: DType, shape: (number | string)[]): void;
}

/** A builder of an empty graph. */
export function buildGraph(name: string, opset: number): Builder {
  const graph: Graph = { name, opset, domains: {}, inputs: [], outputs: [], initializers: new Map(), nodes: [] };
  return {
    graph,
    input(name, dtype, shape) {
      graph.inputs.push({ name, dtype, shape });
      return name;
    },
    constant(name, tensor) {
      let unique = name;
      for (let n = 2; graph.initializers.has(unique); n++) unique = `${name}_${n}`;
      graph.initializers.set(unique, tensor);
      return unique;
    },
    node(op, inputs, attributes = {}, output = `${op}_${graph.nodes.length}`) {
      graph.nodes.push({ name: output, op, domain: "", inputs, outputs: [output], attributes });
      return output;
    },
    output(name, dtype, shape) {
      graph.outputs.push({ name, dtype, shape });
    },
  };
}
