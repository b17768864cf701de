// Types of every value of a graph whose dimensions are all known, and the numbers of those that fold to constants.

import { suggest, UserError } from "../../base/errors.ts";
import type { Graph, GraphNode } from "../graph.ts";
import type { GraphTensor } from "../tensor.ts";
import * as elementwise from "./elementwise.ts";
import { type FoldRule, type InferContext, type InferRule, nodeName, type ValueType } from "./rule.ts";

const rules: Readonly<Record<string, InferRule>> = { ...elementwise };
const folds: Readonly<Record<string, FoldRule>> = {};

/** What is known of a graph's values by name. `constants` holds initializers and what folds from them. */
export interface Types {
  readonly types: Map<string, ValueType>;
  readonly constants: Map<string, GraphTensor>;
}

/** Whether inference knows the operator. */
export const canInfer = (op: string): boolean => op in rules;

/** Infers a whole graph; `bind` gives the size of each named dimension of its inputs. */
export function inferGraph(graph: Graph, bind: Readonly<Record<string, number>> = {}): Types {
  const known: Types = { types: new Map(), constants: new Map() };
  for (const [name, tensor] of graph.initializers) setConstant(known, name, tensor);
  for (const { name, dtype, shape } of graph.inputs) {
    known.types.set(name, { dtype, dims: shape.map((d) => boundSize(name, d, bind)) });
  }
  for (const node of graph.nodes) inferNode(node, graph.opset, known);
  return known;
}

/** Infers one node whose inputs are known, and adds its outputs to `known`. */
export function inferNode(node: GraphNode, opset: number, known: Types): void {
  const rule = rules[node.op];
  if (!rule || node.domain !== "") {
    const domain = node.domain && ` of ${node.domain}`;
    throw new UserError(
      `${nodeName(node)}: the operator${domain} is not supported. ${suggest(node.op, Object.keys(rules))}`,
    );
  }
  const context: InferContext = {
    node,
    opset,
    inputs: node.inputs.map((name) => {
      const type = known.types.get(name);
      if (name && !type) throw new UserError(`${nodeName(node)}: it reads "${name}", which nothing before it writes.`);
      return type;
    }),
    constant: (i) => known.constants.get(node.inputs[i] ?? ""),
  };
  rule(context).forEach((type, i) => {
    if (node.outputs[i]) known.types.set(node.outputs[i], type);
  });
  const constant = node.inputs.every((name) => !name || known.constants.has(name));
  const folded = constant ? folds[node.op]?.(context) : undefined;
  folded?.forEach((tensor, i) => {
    if (node.outputs[i]) setConstant(known, node.outputs[i], tensor);
  });
}

export function setConstant({ types, constants }: Types, name: string, tensor: GraphTensor): void {
  types.set(name, { dtype: tensor.dtype, dims: tensor.dims });
  constants.set(name, tensor);
}

/** The size of one dimension of an input; a named one that `bind` does not know is a UserError. */
export function boundSize(input: string, d: number | string, bind: Readonly<Record<string, number>>): number {
  const size = typeof d === "number" ? d : bind[d];
  if (size === undefined) throw new UserError(`input "${input}": give the size of its dimension "${d}".`);
  return size;
}
