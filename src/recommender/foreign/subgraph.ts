// The part of a graph that some of its values need.

import type { Graph } from "../../graph/graph.ts";
import { neededFor } from "../../graph/needed.ts";
import { int64 } from "../../graph/tensor.ts";

const FLOAT = 1;
const flat = "distilrec.flat";

/** The output of `subgraph` that holds the i-th value. */
export const outputName = (i: number): string => `distilrec.output_${i}`;

/**
 * A graph of its own whose outputs (see outputName) are `values`, each as float32 in one dimension; inputs, constants and
 * nodes that they do not need are gone.
 */
export function subgraph(graph: Graph, values: readonly string[]): Graph {
  const { nodes, names: needed } = neededFor(graph.nodes, values);
  for (const [i, value] of values.entries()) {
    const cast = `${outputName(i)}.float`;
    nodes.push({ name: cast, op: "Cast", domain: "", inputs: [value], outputs: [cast], attributes: { to: FLOAT } });
    const [name, inputs] = [outputName(i), [cast, flat]];
    nodes.push({ name, op: "Reshape", domain: "", inputs, outputs: [name], attributes: {} });
  }
  return {
    ...{ name: graph.name, opset: graph.opset, domains: graph.domains, nodes },
    ...(graph.functions && { functions: graph.functions }),
    inputs: graph.inputs.filter(({ name }) => needed.has(name)),
    outputs: values.map((_, i) => ({ name: outputName(i), dtype: "float32", shape: [`length_${i}`] })),
    initializers: new Map([...[...graph.initializers].filter(([name]) => needed.has(name)), [flat, int64(-1)]]),
  };
}
