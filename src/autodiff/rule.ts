// What a gradient rule sees of one node, and what it gives back.

import type { GraphNode } from "../graph/graph.ts";
import type { Ops } from "../graph/ops.ts";
import { resized, sumAxes } from "./sum-axes.ts";

export interface GradientContext {
  readonly node: GraphNode;
  /** Appends to the same graph, after the node. */
  readonly g: Ops;
  /** ∂L/∂output[i], of the output's shape; undefined where nothing differentiable reads it. */
  outputGradient(i: number): string | undefined;
  /** The same in a shape that broadcasts to the output's, for rules that broadcast anyway: it spares an Expand. */
  compactGradient(i: number): string | undefined;
  /** Whether ∂L/∂input[i] is wanted; a rule should not build what nobody reads. */
  needs(i: number): boolean;
}

/**
 * ∂L/∂input by input, each of a shape that broadcasts to the input's (compact where a reduction would repeat it);
 * undefined where it is not wanted or is zero everywhere.
 */
export type GradientRule = (context: GradientContext) => readonly (string | undefined)[];

/** The gradient of an operator with one input x and one output y; dy may be compact. */
export type PointwiseGradient = (x: string, y: string, dy: string, g: Ops, node: GraphNode) => string;

/** The rule of an element-wise operator with one input and one output. */
export const pointwise =
  (gradient: PointwiseGradient): GradientRule =>
  ({ node, g, compactGradient }) => [gradient(node.inputs[0]!, node.outputs[0]!, compactGradient(0)!, g, node)];

/** Sums a gradient over the axes along which a value of `dims` was broadcast to the gradient's shape. */
export function unbroadcast(g: Ops, gradient: string, dims: readonly number[]): string {
  const from = g.dims(gradient);
  const lead = from.length - dims.length;
  const axes = from.flatMap((size, i) => (i < lead || (dims[i - lead] === 1 && size !== 1) ? [i] : []));
  return axes.length === 0 ? gradient : resized(g, sumAxes(g, gradient, axes), dims);
}
