// What a gradient rule sees of one node, and what it gives back.

import type { Attribute, GraphNode } from "../graph/graph.ts";
import type { Ops } from "../graph/ops.ts";

export interface GradientContext {
  readonly node: GraphNode;
  /** Appends to the same graph, after the node. */
  readonly g: Ops;
  /** ∂L/∂output[i], of the output's shape; undefined where nothing differentiable reads it. */
  outputGradient(i: number): string | undefined;
  /** Whether ∂L/∂input[i] is wanted; a rule should not build what nobody reads. */
  needs(i: number): boolean;
}

/** ∂L/∂input by input, each of the input's shape; undefined where it is not wanted or is zero everywhere. */
export type GradientRule = (context: GradientContext) => readonly (string | undefined)[];

/** The gradient of output 0, which every rule of a node with one output has. */
export type UnaryGradient = (x: string, y: string, dy: string, g: Ops, attributes: Record<string, Attribute>) => string;

/** The rule of an operator with one input and one output. */
export const unary =
  (gradient: UnaryGradient): GradientRule =>
  ({ node, g, outputGradient }) => [
    gradient(node.inputs[0]!, node.outputs[0]!, outputGradient(0)!, g, node.attributes),
  ];

/** Sums a gradient over the axes along which a value of `dims` was broadcast to the gradient's shape. */
export function unbroadcast(g: Ops, gradient: string, dims: readonly number[]): string {
  const from = g.dims(gradient);
  const lead = from.length - dims.length;
  const axes = from.flatMap((size, i) => (i < lead || (dims[i - lead] === 1 && size !== 1) ? [i] : []));
  if (axes.length === 0) return gradient;
  const summed = g.sum(gradient, axes, false);
  return g.dims(summed).join() === dims.join() ? summed : g.reshape(summed, dims);
}
