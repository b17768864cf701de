// Replaces small patterns of nodes by others: x · sigmoid(x) → Swish(x).
//
//     const sigmoid = op("Sigmoid", "x");
//     const swish: Rewrite = {
//       pattern: op("Mul", "x", sigmoid),
//       replace: ({ value }, add) => add("Swish", [value("x")]),
//     };
//
// A string is a hole, which holds any value; the same hole, or the same pattern object, twice must be the same value.

import { bug } from "../base/errors.ts";
import type { Attribute, Graph, GraphNode } from "./graph.ts";
import type { GraphTensor } from "./tensor.ts";
import { type Uses, usesOf } from "./uses.ts";

export type Pattern = string | ConstantPattern | NodePattern;

export interface ConstantPattern {
  readonly constant: string;
  readonly accepts: (tensor: GraphTensor) => boolean;
}

export interface NodePattern {
  readonly ops: readonly string[];
  readonly inputs: readonly Pattern[];
  readonly accepts: (node: GraphNode) => boolean;
}

export interface Match {
  readonly root: GraphNode;
  readonly nodes: ReadonlySet<GraphNode>;
  /** The value in a hole. */
  value(hole: string): string;
  /** The numbers in a constant hole. */
  constant(hole: string): GraphTensor;
  /** The node that a pattern of the pattern matched. */
  node(pattern: NodePattern): GraphNode;
  readonly uses: Uses;
}

/** Appends a node of one output to the replacement and returns that. */
export type AddNode = (op: string, inputs: string[], attributes?: Record<string, Attribute>, domain?: string) => string;

export interface Rewrite {
  readonly pattern: NodePattern;
  /** Builds what computes the root's first output instead, and returns its name; undefined leaves the match as it is. */
  readonly replace: (match: Match, add: AddNode) => string | undefined;
}

const always = () => true;

/** A node of the standard operators with these inputs, and no more. */
export const op = (name: string, ...inputs: readonly Pattern[]): NodePattern => ({
  ops: [name],
  inputs,
  accepts: always,
});

/** The same with a condition on the node, mostly on its attributes. */
export const opWhere = (
  names: readonly string[],
  inputs: readonly Pattern[],
  accepts: (node: GraphNode) => boolean,
): NodePattern => ({ ops: names, inputs, accepts });

/** A hole that only a constant fits into. */
export const constant = (hole: string, accepts: (tensor: GraphTensor) => boolean = always): ConstantPattern => ({
  constant: hole,
  accepts,
});

/** Whether a tensor is one number near to `n`: an exporter may have rounded it to float32. */
export const isNumber =
  (n: number) =>
  ({ data }: GraphTensor): boolean =>
    data.length === 1 && Math.abs(Number(data[0]) - n) <= 1e-6 * Math.abs(n);

const commutative = new Set(["Add", "Mul", "And", "Or", "Xor", "Equal"]);

interface Bindings {
  readonly values: ReadonlyMap<string, string>;
  readonly nodes: ReadonlyMap<NodePattern, GraphNode>;
}

/** The match of a pattern whose root is `root`. */
export function matchAt(pattern: NodePattern, root: GraphNode, uses: Uses): Match | undefined {
  const found = matchNode(pattern, root, { values: new Map(), nodes: new Map() }, uses);
  if (!found) return undefined;
  const value = (hole: string) => found.values.get(hole) ?? bug(`the pattern has no hole "${hole}"`);
  return {
    root,
    nodes: new Set(found.nodes.values()),
    uses,
    value,
    constant: (hole) => uses.constant(value(hole)) ?? bug(`hole "${hole}" holds no constant`),
    node: (inner) => found.nodes.get(inner) ?? bug("the pattern asked for is no part of the one matched"),
  };
}

function matchNode(pattern: NodePattern, node: GraphNode, bound: Bindings, uses: Uses): Bindings | undefined {
  const before = bound.nodes.get(pattern);
  if (before) return before === node ? bound : undefined;
  if (node.domain !== "" || !pattern.ops.includes(node.op) || node.inputs.length !== pattern.inputs.length)
    return undefined;
  if (!pattern.accepts(node)) return undefined;
  const nodes = new Map(bound.nodes).set(pattern, node);
  const orders = commutative.has(node.op) ? [node.inputs, [...node.inputs].reverse()] : [node.inputs];
  for (const inputs of orders) {
    const found = matchInputs(pattern.inputs, inputs, { ...bound, nodes }, uses);
    if (found) return found;
  }
  return undefined;
}

function matchInputs(
  patterns: readonly Pattern[],
  inputs: readonly string[],
  bound: Bindings,
  uses: Uses,
): Bindings | undefined {
  let found: Bindings | undefined = bound;
  for (let i = 0; i < patterns.length && found; i++) found = matchValue(patterns[i]!, inputs[i]!, found, uses);
  return found;
}

function matchValue(pattern: Pattern, value: string, bound: Bindings, uses: Uses): Bindings | undefined {
  if (typeof pattern === "object" && "ops" in pattern) {
    const node = uses.producer(value);
    return node?.outputs[0] === value ? matchNode(pattern, node, bound, uses) : undefined;
  }
  const hole = typeof pattern === "string" ? pattern : pattern.constant;
  const tensor = uses.constant(value);
  if (typeof pattern === "object" && !(tensor && pattern.accepts(tensor))) return undefined;
  const before = bound.values.get(hole);
  if (before !== undefined) return before === value ? bound : undefined;
  return { ...bound, values: new Map(bound.values).set(hole, value) };
}

/**
 * Applies rewrites until none fits, and returns how often one did. A match whose inner values are read elsewhere, or are
 * outputs of the graph, is left as it is, for its nodes would have to stay.
 */
export function rewriteGraph(graph: Graph, rewrites: readonly Rewrite[]): number {
  const uses = usesOf(graph);
  // Every rewrite known ends by itself; one that undoes another would not.
  const most = 1000 + 10 * graph.nodes.length;
  let count = 0;
  for (let before = -1; before !== count; ) {
    before = count;
    for (const node of [...graph.nodes]) {
      if (uses.producer(node.outputs[0] ?? "") !== node) continue;
      if (rewrites.some((rewrite) => applyAt(rewrite, node, uses))) count++;
      if (count > most) bug("two rewrites undo each other");
    }
  }
  if (count > 0) uses.removeUnused();
  return count;
}

function applyAt({ pattern, replace }: Rewrite, root: GraphNode, uses: Uses): boolean {
  const match = matchAt(pattern, root, uses);
  if (!match) return false;
  const matched = new Set(match.nodes);
  const [result, ...others] = root.outputs;
  const used = (value: string) => uses.isOutput(value) || uses.readers(value).some((reader) => !matched.has(reader));
  const inner = [...matched].flatMap((node) => (node === root ? others : node.outputs)).filter((value) => value !== "");
  if (result === undefined || inner.some(used)) return false;
  const added: GraphNode[] = [];
  const value = replace(match, (name, inputs, attributes = {}, domain = "") => {
    const output = uses.unique(`${result}/${name}`);
    added.push({ name: output, op: name, domain, inputs, outputs: [output], attributes });
    return output;
  });
  if (value === undefined) return false;
  // The last node writes the root's own output, so that names of outputs stay.
  const last = added.at(-1);
  if (last?.outputs[0] === value) {
    last.outputs = [result];
    last.name = root.name;
  } else if (!uses.isOutput(result)) {
    uses.replaceAllUses(result, value);
  } else {
    added.push({ name: root.name, op: "Identity", domain: "", inputs: [value], outputs: [result], attributes: {} });
  }
  uses.replaceNode(root, added);
  matched.delete(root);
  uses.removeNodes(matched);
  return true;
}
