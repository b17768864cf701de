// Types of every value of a graph whose dimensions are all known, and the numbers of those that fold to constants.

import { UserError } from "../../base/errors.ts";
import type { Graph, GraphNode } from "../graph.ts";
import type { GraphTensor } from "../tensor.ts";
import * as convolve from "./convolve.ts";
import * as elementwise from "./elementwise.ts";
import { fold } from "./fold/index.ts";
import * as generate from "./generate.ts";
import * as indexing from "./indexing.ts";
import * as linear from "./linear.ts";
import * as microsoft from "./microsoft.ts";
import * as normalize from "./normalize.ts";
import * as quantize from "./quantize.ts";
import * as recurrent from "./recurrent.ts";
import * as reduce from "./reduce.ts";
import { fail, type InferContext, type InferRule, nodeName, shapeText, type ValueType } from "./rule.ts";
import * as shape from "./shape.ts";

const table = (...families: Readonly<Record<string, InferRule>>[]): ReadonlyMap<string, InferRule> =>
  new Map(families.flatMap((family) => Object.entries(family)));

/** Rules by domain and operator. */
const rules: ReadonlyMap<string, ReadonlyMap<string, InferRule>> = new Map([
  ["", table(elementwise, linear, normalize, reduce, shape, indexing, generate, recurrent, quantize, convolve)],
  ["com.microsoft", table(microsoft)],
]);
const withGraphs: ReadonlySet<string> = new Set(["If", "Loop", "Scan", "SequenceMap"]);

/** What is known of a graph's values by name. `constants` holds initializers and what folds from them. */
export interface Types {
  readonly types: Map<string, ValueType>;
  readonly constants: Map<string, GraphTensor>;
}

/** Whether inference knows the operator. */
export const canInfer = (op: string, domain = ""): boolean => rules.get(domain)?.has(op) ?? false;

function ruleOf(node: GraphNode): InferRule {
  const known = rules.get(node.domain);
  const rule = known?.get(node.op);
  if (rule) return rule;
  if (node.domain === "" && withGraphs.has(node.op)) {
    throw new UserError(
      `${nodeName(node)}: graphs within a node are not supported; export the model without control flow.`,
    );
  }
  if (!known) throw new UserError(`${nodeName(node)}: operators of "${node.domain}" are not supported.`);
  throw new UserError(`${nodeName(node)}: the operator is not supported.`);
}

/** Infers a whole graph; `bind` gives the size of each named dimension of its inputs. */
export function inferGraph(graph: Graph, bind: Readonly<Record<string, number>> = {}): Types {
  const known: Types = { types: new Map(), constants: new Map() };
  for (const [name, tensor] of graph.initializers) setConstant(known, name, tensor);
  for (const { name, dtype, shape, unranked } of graph.inputs) {
    if (unranked) throw new UserError(`input "${name}": the model says nothing of its shape; export it with one.`);
    known.types.set(name, { dtype, dims: shape.map((d) => boundSize(name, d, bind)) });
  }
  for (const node of graph.nodes) inferNode(node, graph.opset, known);
  return known;
}

/** Infers one node whose inputs are known, and adds its outputs to `known`. */
export function inferNode(node: GraphNode, opset: number, known: Types): void {
  const rule = ruleOf(node);
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
  const outputs = rule(context);
  node.outputs.forEach((name, i) => {
    if (!name) return;
    const type = outputs[i] ?? fail(context, `its output ${i} is not supported.`);
    const sizes = type.dims.every((d) => Number.isSafeInteger(d) && d >= 0);
    if (!sizes) fail(context, `its output ${i} would have shape ${shapeText(type.dims)}.`);
    known.types.set(name, type);
  });
  fold(context, outputs)?.forEach((tensor, i) => {
    if (node.outputs[i]) setConstant(known, node.outputs[i], tensor);
  });
}

export function setConstant({ types, constants }: Types, name: string, tensor: GraphTensor): void {
  types.set(name, { dtype: tensor.dtype, dims: tensor.dims });
  constants.set(name, tensor);
}

/** The size of one dimension of an input; a named one that `bind` does not know is a UserError. */
export function boundSize(input: string, d: number | string, bind: Readonly<Record<string, number>>): number {
  if (typeof d === "number") return d;
  const size = Object.hasOwn(bind, d) ? bind[d] : undefined;
  if (size !== undefined) return size;
  throw new UserError(
    d === "?"
      ? `input "${input}": one of its dimensions has neither size nor name; export it with either.`
      : `input "${input}": give the size of its dimension "${d}".`,
  );
}
