// Several networks over the same inputs as one: their graphs side by side, and the mean of their logits.

import { must } from "../../base/errors.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { float32, type GraphTensor } from "../../graph/tensor.ts";

/** The graph with an output `logits` [batch]; each member's graph has one, and whatever else it puts out is dropped. */
export function ensembleGraph(members: readonly Graph[]): Graph {
  const inputs = new Map(members.flatMap((graph) => graph.inputs.map((input) => [input.name, input] as const)));
  const initializers = new Map<string, GraphTensor>([
    ["ensemble.share", float32([], Float32Array.of(1 / members.length))],
  ]);
  const nodes: GraphNode[] = [];
  members.forEach((graph, i) => {
    const renamed = (name: string) => (name === "" || inputs.has(name) ? name : `${i}.${name}`);
    for (const [name, tensor] of graph.initializers) initializers.set(renamed(name), tensor);
    const dropped = new Set(graph.outputs.flatMap(({ name }) => (name === "logits" ? [] : [name])));
    for (const node of graph.nodes) {
      if (node.outputs.every((name) => dropped.has(name))) continue;
      nodes.push({
        ...{ ...node, name: renamed(node.name) },
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
      });
    }
  });
  const joined = (op: string, name: string, of: readonly string[]) =>
    nodes.push({ op, domain: "", name, inputs: [...of], outputs: [name], attributes: {} });
  const sum = members
    .map((_, i) => `${i}.logits`)
    .reduce((before, one, i) => {
      joined("Add", `ensemble.sum.${i}`, [before, one]);
      return `ensemble.sum.${i}`;
    });
  joined("Mul", "logits", [sum, "ensemble.share"]);
  const { opset, domains } = must(members[0], "a member");
  return {
    ...{ name: "ensemble", opset, domains, inputs: [...inputs.values()], initializers, nodes },
    outputs: [{ name: "logits", dtype: "float32", shape: ["batch"] }],
  };
}
