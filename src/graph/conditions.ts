// Replaces each If by the nodes of the branch that it takes, where that is known before anything runs: exporters write
// one to squeeze a dimension only if it is 1.

import { UserError } from "../base/errors.ts";
import type { Graph, GraphBody, GraphNode } from "./graph.ts";
import { inferGraph, inferNode, setConstant } from "./infer/index.ts";
import { nodeName } from "./infer/rule.ts";

const isIf = ({ op, domain }: GraphNode): boolean => op === "If" && domain === "";
const asItIs = (name: string): string => name;

/**
 * The graph without If for one size of each named dimension; itself where it has none. A condition that depends on the
 * data is a UserError.
 */
export function resolveConditions(graph: Graph, bind: Readonly<Record<string, number>>): Graph {
  if (!graph.nodes.some(isIf)) return graph;
  const known = inferGraph({ ...graph, nodes: [] }, bind);
  const names = new Set([...known.types.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)]);
  const unique = (name: string): string => {
    let own = name;
    for (let i = 1; names.has(own); i++) own = `${name}_${i}`;
    names.add(own);
    return own;
  };
  const initializers = new Map(graph.initializers);
  const nodes: GraphNode[] = [];
  const append = (node: GraphNode) => {
    inferNode(node, graph.opset, known);
    nodes.push(node);
  };

  // `here` maps the names of a branch, and of those around it, to names of the whole graph.
  const enter = (branch: GraphBody, outside: ReadonlyMap<string, string>, outputs: readonly string[]) => {
    const here = new Map(outside);
    const rename = (name: string) => {
      const own = name && unique(`${outputs[0]}/${name}`);
      here.set(name, own);
      return own;
    };
    for (const [name, tensor] of branch.initializers) {
      const own = rename(name);
      initializers.set(own, tensor);
      setConstant(known, own, tensor);
    }
    walk(branch.nodes, here, rename);
    outputs.forEach((name, i) => {
      const value = branch.outputs[i]?.name ?? "";
      append({ name, op: "Identity", domain: "", inputs: [here.get(value) ?? value], outputs: [name], attributes: {} });
    });
  };

  const walk = (body: readonly GraphNode[], here: ReadonlyMap<string, string>, rename: (name: string) => string) => {
    for (const original of body) {
      const inputs = original.inputs.map((name) => here.get(name) ?? name);
      const outputs = original.outputs.map(rename);
      // Two branches may both have a node of one name; a graph may not.
      const name = rename === asItIs ? original.name : (outputs.find(Boolean) ?? "");
      const node = { ...original, name, inputs, outputs };
      if (!isIf(node)) {
        append(node);
        continue;
      }
      const condition = known.constants.get(inputs[0] ?? "");
      if (!condition)
        throw new UserError(`${nodeName(node)}: its condition depends on the data, which is not supported.`);
      const branch = node.attributes[condition.data[0] ? "then_branch" : "else_branch"];
      if (typeof branch !== "object" || !("graph" in branch)) {
        throw new UserError(`${nodeName(node)}: it lacks a branch; the graph is damaged.`);
      }
      enter(branch.graph, here, node.outputs);
    }
  };
  walk(graph.nodes, new Map(), asItIs);
  return { ...graph, initializers, nodes };
}
