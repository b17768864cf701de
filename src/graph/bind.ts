// A graph with free dimensions as one whose shapes are all known. What only served to compute shapes is gone.

import { UserError } from "../base/errors.ts";
import { resolveConditions } from "./conditions.ts";
import type { Graph, GraphValue } from "./graph.ts";
import { inferGraph } from "./infer/index.ts";

/**
 * A copy of the graph for one size of each named dimension: sizes on inputs and outputs, constants in place of the nodes
 * that compute them, the branch that an If takes, nothing that no output needs. Inputs with a default become constants.
 * Tensors are shared with the original.
 */
export function bindGraph(free: Graph, bind: Readonly<Record<string, number>>): Graph {
  const graph = resolveConditions(free, bind);
  const { types, constants } = inferGraph(graph, bind);
  const results = new Set(graph.outputs.map(({ name }) => name));
  const needed = new Set(results);
  const written = new Set<string>();
  const nodes: Graph["nodes"] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    // A result stays the output of a node, for runtimes do not all take a constant for one.
    if (node.outputs.every((name) => !name || (constants.has(name) && !results.has(name)))) continue;
    for (const name of node.inputs) needed.add(name);
    for (const name of node.outputs) written.add(name);
    nodes.push({ ...node, inputs: [...node.inputs], outputs: [...node.outputs], attributes: { ...node.attributes } });
  }
  const sized = (value: GraphValue): GraphValue => {
    const type = types.get(value.name);
    if (!type) throw new UserError(`output "${value.name}": no node writes it; the graph is damaged.`);
    const { unranked: _, ...rest } = value;
    return { ...rest, dtype: type.dtype, shape: [...type.dims] };
  };
  const { values: _, defaults: __, ...rest } = graph;
  return {
    ...rest,
    domains: { ...graph.domains },
    inputs: graph.inputs.map(sized),
    outputs: graph.outputs.map(sized),
    initializers: new Map([...constants].filter(([name]) => needed.has(name) && !written.has(name))),
    nodes: nodes.reverse(),
  };
}
