// Gradients of quantisation, straight through the rounding: with scale s and zero point z of integers in [low, high],
// y = clip(round(x / s) + z) passes where it is not clipped. QuantizeLinear → DequantizeLinear then has the gradients
// of learned step sizes (arXiv 1902.08153): of x 1, of s round(x / s) - x / s, inside; of s low - z or high - z where clipped.

import { UserError } from "../../base/errors.ts";
import { axisOf, intAttribute, nodeName } from "../../graph/infer/rule.ts";
import { formOf } from "../node-form.ts";
import { type GradientContext, type GradientRule, unbroadcast } from "../rule.ts";

/** The scale and the zero point (as float32; undefined for 0) in shapes that broadcast to x. */
function parameters(c: GradientContext): { scale: string; zero: string | undefined; dims: readonly number[] } {
  const { node, g } = c;
  const [x, scale, zero] = node.inputs as [string, string, string?];
  if (intAttribute(node, "block_size", 0) > 0) {
    throw new UserError(`${nodeName(node)}: scales by block have no gradient rule; use one scale or one an axis.`);
  }
  const [size = 1] = g.dims(scale);
  const shape = g.dims(x).map(() => 1);
  if (size > 1) shape[axisOf(formOf(c), intAttribute(node, "axis", 1), shape.length)] = size;
  return {
    scale: g.reshape(scale, shape),
    zero: zero ? g.reshape(g.cast(zero, "float32"), shape) : undefined,
    dims: shape,
  };
}

/** Per-axis gradients, summed to the shape of input i. */
const summed = ({ node, g }: GradientContext, i: number, gradient: string, dims: readonly number[]): string =>
  g.reshape(unbroadcast(g, gradient, dims), g.dims(node.inputs[i]!));

/** Inside: dx = dy / s, ds = -dy · x / s², dz = dy; nothing where y is clipped. */
export const QuantizeLinear: GradientRule = (c) => {
  const { node, g, outputGradient, needs } = c;
  const { scale, zero, dims } = parameters(c);
  const ratio = g.div(node.inputs[0]!, scale);
  const rounded = g.node("Round", [ratio]);
  const unclipped = zero ? g.add(rounded, zero) : rounded;
  const inside = g.equal(unclipped, g.cast(node.outputs[0]!, "float32"));
  const dy = g.where(inside, outputGradient(0)!, g.scalar(0));
  const dx = g.div(dy, scale);
  return [
    dx,
    needs(1) ? summed(c, 1, g.neg(g.mul(dx, ratio)), dims) : undefined,
    zero && needs(2) ? summed(c, 2, dy, dims) : undefined,
  ];
};

/** y = (x - z) · s. */
export const DequantizeLinear: GradientRule = (c) => {
  const { node, g, outputGradient, needs } = c;
  const { scale, zero, dims } = parameters(c);
  const dy = outputGradient(0)!;
  const dx = g.mul(dy, scale);
  const level = () => {
    const x = g.cast(node.inputs[0]!, "float32");
    return zero ? g.sub(x, zero) : x;
  };
  return [
    needs(0) ? dx : undefined,
    needs(1) ? summed(c, 1, g.mul(dy, level()), dims) : undefined,
    zero && needs(2) ? summed(c, 2, g.neg(dx), dims) : undefined,
  ];
};

/** The range follows x, so nothing is clipped: dx = dy / s. The range itself counts as a constant. */
export const DynamicQuantizeLinear: GradientRule = ({ node, g, outputGradient }) => {
  const dy = outputGradient(0);
  return [dy && g.div(dy, node.outputs[1]!)];
};
