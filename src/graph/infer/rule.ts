// What a rule of type and shape inference sees of one node, and what it says of the node's outputs. Every shape is static.

import { UserError } from "../../base/errors.ts";
import type { Attribute, GraphNode } from "../graph.ts";
import type { DType, GraphTensor } from "../tensor.ts";

/** The dtype and static dims of a value; [] is a scalar. */
export interface ValueType {
  readonly dtype: DType;
  readonly dims: readonly number[];
}

export interface InferContext {
  readonly node: GraphNode;
  /** Version of the standard operators. */
  readonly opset: number;
  /** One an input; undefined for an optional input that is left out. */
  readonly inputs: readonly (ValueType | undefined)[];
  /** The numbers of an input, where they are known before anything runs: an initializer, or folded from ones. */
  constant(input: number): GraphTensor | undefined;
}

/** The types of the node's outputs, in order. Throws a UserError that names the node where its inputs do not fit. */
export type InferRule = (context: InferContext) => readonly ValueType[];

/**
 * The numbers of the node's outputs, whose types InferRule gave. Called only when every input that is there is constant
 * (Shape and Size, which read types, aside); undefined: leave it to the runtime.
 */
export type FoldRule = (context: InferContext, outputs: readonly ValueType[]) => readonly GraphTensor[] | undefined;

/** "MatMul encoder/dense": how errors name a node. */
export const nodeName = ({ op, name, outputs }: GraphNode): string => `${op} ${name || outputs[0] || ""}`.trim();

/** The type of input i; a UserError where it is left out. */
export function inputType(c: InferContext, i: number): ValueType {
  const type = c.inputs[i];
  if (!type) throw new UserError(`${nodeName(c.node)}: its input ${i} is missing; the graph is damaged.`);
  return type;
}

/** Fails unless the node has so many inputs, which are all there. */
export function takes(c: InferContext, n: number): void {
  const got = c.inputs.length;
  if (got !== n) fail(c, `it has ${got} ${got === 1 ? "input" : "inputs"}, it takes ${n}.`);
  for (let i = 0; i < n; i++) inputType(c, i);
}

export function fail(c: InferContext, what: string): never {
  throw new UserError(`${nodeName(c.node)}: ${what}`);
}

/** "[2, 3]": how errors write dims. */
export const shapeText = (dims: readonly number[]): string => `[${dims.join(", ")}]`;

const floats: ReadonlySet<string> = new Set(["float32", "float16", "bfloat16", "float64"]);

/** The type of an input that must hold floating-point numbers. */
export function floatType(c: InferContext, i: number): ValueType {
  const type = inputType(c, i);
  if (!floats.has(type.dtype)) fail(c, `its input ${i} is ${type.dtype}, it takes floating-point numbers.`);
  return type;
}

/** The dtype that the inputs from `from` up to `to` share. */
export function sameDtype(c: InferContext, from: number, to: number): DType {
  const { dtype } = inputType(c, from);
  for (let i = from + 1; i < to; i++) {
    const other = inputType(c, i).dtype;
    if (other !== dtype)
      fail(c, `its input ${from} is ${dtype} and its input ${i} is ${other}; they must be the same.`);
  }
  return dtype;
}

/** The type of an input of at least (or exactly) so many dimensions. */
export function rankedType(
  c: InferContext,
  i: number,
  least: number,
  most: number = Number.POSITIVE_INFINITY,
): ValueType {
  const type = inputType(c, i);
  const rank = type.dims.length;
  if (rank < least || rank > most) {
    const wanted =
      least === most ? `${least}` : most < Number.POSITIVE_INFINITY ? `${least} to ${most}` : `${least} or more`;
    fail(c, `its input ${i} has shape ${shapeText(type.dims)}, it takes ${wanted} dimensions.`);
  }
  return type;
}

/** Attribute readers; `fallback` is what the ONNX operator's schema gives. */
export function intAttribute(node: GraphNode, name: string, fallback: number): number {
  const value = node.attributes[name];
  return typeof value === "number" ? value : fallback;
}

export function floatAttribute(node: GraphNode, name: string, fallback: number): number {
  const value = node.attributes[name];
  return typeof value === "object" && "float" in value ? value.float : fallback;
}

export function intsAttribute(node: GraphNode, name: string): readonly number[] | undefined {
  const value = node.attributes[name];
  return isInts(value) ? value : undefined;
}

export function textAttribute(node: GraphNode, name: string, fallback: string): string {
  const value = node.attributes[name];
  return typeof value === "string" ? value : fallback;
}

const isInts = (value: Attribute | undefined): value is readonly number[] => Array.isArray(value);

/** The whole numbers of a constant int64/int32 input (axes, shapes, slices). */
export function constantInts(c: InferContext, input: number): readonly number[] | undefined {
  const tensor = c.constant(input);
  return tensor && Array.from(tensor.data as ArrayLike<number | bigint>, Number);
}

/** The whole numbers of an input that shapes depend on; a UserError where only running the graph tells them. */
export function knownInts(c: InferContext, input: number, what: string): readonly number[] {
  const { dtype } = inputType(c, input);
  if (dtype !== "int64" && dtype !== "int32") fail(c, `its ${what} (input ${input}) is ${dtype}, it must be int64.`);
  return (
    constantInts(c, input) ?? fail(c, `its ${what} (input ${input}) depends on the data; a shape must be known before.`)
  );
}

/** The same of an optional input that was an attribute in older operator sets; undefined where neither is there. */
export const givenInts = (c: InferContext, input: number, name: string): readonly number[] | undefined =>
  c.inputs[input] ? knownInts(c, input, name) : intsAttribute(c.node, name);

/** Axes counted from the front, each at most once. */
export function axesOf(c: InferContext, axes: readonly number[], rank: number): readonly number[] {
  const out = axes.map((axis) => axisOf(c, axis, rank));
  if (new Set(out).size < out.length) fail(c, `an axis stands twice in ${shapeText(axes)}.`);
  return out;
}

/** An axis counted from the front. */
export function axisOf(c: InferContext, axis: number, rank: number): number {
  if (axis < -rank || axis >= rank) fail(c, `axis ${axis} is outside a tensor of ${rank} dimensions.`);
  return axis < 0 ? axis + rank : axis;
}

/** Dims of a broadcast (numpy's rule); undefined where the shapes do not fit. */
export function broadcastDims(a: readonly number[], b: readonly number[]): number[] | undefined {
  const out: number[] = [];
  for (let i = Math.max(a.length, b.length); i > 0; i--) {
    const [x, y] = [a[a.length - i] ?? 1, b[b.length - i] ?? 1];
    if (x !== y && x !== 1 && y !== 1) return undefined;
    out.push(x === 1 ? y : x);
  }
  return out;
}
