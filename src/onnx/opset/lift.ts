// What a family of operators says of its versions.

import { UserError } from "../../base/errors.ts";
import type { GraphNode } from "../../graph/graph.ts";
import type { GraphTensor } from "../../graph/tensor.ts";

export interface LiftContext {
  /** Adds a constant and returns its name. */
  constant(label: string, tensor: GraphTensor): string;
  /** A value's shape, where it is known, with some size for what is free. */
  dims(value: string): readonly number[] | undefined;
  dtype(value: string): string | undefined;
  /** A name that no value has. */
  unique(label: string): string;
}

/** Rewrites one node in place, or returns what takes its place. */
export type Lift = (node: GraphNode, c: LiftContext) => readonly GraphNode[] | undefined;

/** By the version that changed the operator. Versions that only admit more number types are left out. */
export type Versions = Readonly<Record<number, Lift>>;

/** Operators of one family by name. */
export type Family = Readonly<Record<string, Versions>>;

/** Operators that mean the same from version 7 to 21. */
export const unchanged = (names: string): Family => Object.fromEntries(names.split(" ").map((name) => [name, {}]));

export function refuseLift(node: GraphNode, what: string): never {
  throw new UserError(`${node.op} ${node.name || node.outputs[0] || ""}: ${what}; export the model for opset 21.`);
}

/** Collects the nodes that take a node's place; `add` gives the first output of each, named as asked or anew. */
export function replacement(node: GraphNode, c: LiftContext) {
  const nodes: GraphNode[] = [];
  const label = node.outputs[0] ?? "";
  const add = (
    op: string,
    inputs: readonly string[],
    attributes: GraphNode["attributes"] = {},
    ...outputs: readonly (string | undefined)[]
  ): string => {
    const named = outputs.length > 0 ? outputs.map((name) => name ?? "") : [c.unique(`${label}/${op}`)];
    nodes.push({
      name: named[0]!,
      op,
      domain: "",
      inputs: [...inputs],
      outputs: named,
      attributes,
    });
    return named[0]!;
  };
  return { nodes, add };
}

/** Takes an attribute away, and gives its whole numbers. */
export function takeInts(node: GraphNode, name: string): readonly number[] | undefined {
  const value = node.attributes[name];
  delete node.attributes[name];
  if (value === undefined) return undefined;
  if (typeof value === "number") return [value];
  if (Array.isArray(value)) return value as readonly number[];
  return refuseLift(node, `attribute "${name}" holds no whole numbers`);
}

export function takeFloat(node: GraphNode, name: string): number | undefined {
  const value = node.attributes[name];
  delete node.attributes[name];
  if (value === undefined) return undefined;
  if (typeof value === "object" && "float" in value) return value.float;
  return refuseLift(node, `attribute "${name}" is no number`);
}

/** One dimension of int64; what lies above its end means the end. */
export const wholeTensor = (values: readonly number[]): GraphTensor => ({
  dtype: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values, (n) => (n >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(n))),
});

/** Sets input i, leaving out those between. */
export function setInput(node: GraphNode, i: number, value: string): void {
  while (node.inputs.length < i) node.inputs.push("");
  node.inputs[i] = value;
}
