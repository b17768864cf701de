// Gradients of reductions over axes. They stay compact (1 along the reduced axes) where every element gets the same.
// Where torch has the operator they are PyTorch's: maxima that tie share the gradient, a norm of 0 gives 0.

import { reducedAxes } from "../../graph/infer/forms.ts";
import { elements } from "../../graph/tensor.ts";
import { formOf } from "../node-form.ts";
import type { GradientContext, GradientRule } from "../rule.ts";
import { resized } from "../sum-axes.ts";

/** What a rule reads: x, and y and dy with the reduced axes as 1. */
interface Reduction {
  readonly g: GradientContext["g"];
  readonly x: string;
  readonly y: () => string;
  readonly dy: string;
  readonly axes: readonly number[];
}

const reduction =
  (gradient: (r: Reduction) => string): GradientRule =>
  (c) => {
    const { node, g } = c;
    const x = node.inputs[0]!;
    const axes = reducedAxes(formOf(c));
    const kept = g.dims(x).map((d, i) => (axes.includes(i) ? 1 : d));
    const y = () => resized(g, node.outputs[0]!, kept);
    return [gradient({ g, x, y, dy: resized(g, c.outputGradient(0)!, kept), axes })];
  };

export const ReduceSum: GradientRule = reduction(({ dy }) => dy);

export const ReduceMean: GradientRule = reduction(({ g, x, dy }) =>
  g.mul(dy, g.scalar(elements(g.dims(dy)) / elements(g.dims(x)))),
);

/** y = Σ x². */
export const ReduceSumSquare: GradientRule = reduction(({ g, x, dy }) => g.mul(x, g.add(dy, dy)));

/** y = Σ |x|. */
export const ReduceL1: GradientRule = reduction(({ g, x, dy }) => g.mul(dy, g.sign(x)));

/** y = √Σ x²;  dx = x · dy / y, and 0 where y is 0. */
export const ReduceL2: GradientRule = reduction(({ g, x, y, dy }) => {
  const zero = g.scalar(0);
  return g.mul(x, g.where(g.equal(y(), zero), zero, g.div(dy, y())));
});

/** y = ln Σ x. */
export const ReduceLogSum: GradientRule = reduction(({ g, y, dy }) => g.mul(dy, g.exp(g.neg(y()))));

/** y = ln Σ eˣ;  dx = dy · e^(x - y), which over one axis is a softmax: exact where all of a row is -1e9. */
export const ReduceLogSumExp: GradientRule = reduction(({ g, x, y, dy, axes }) =>
  g.mul(dy, axes.length === 1 ? g.softmax(x, axes[0]!) : g.exp(g.sub(x, y()))),
);

/** The elements that equal y share dy. */
export const ReduceMax: GradientRule = reduction(({ g, x, y, dy, axes }) => {
  const chosen = g.cast(g.equal(x, y()), "float32");
  const count = axes.length ? g.sum(chosen, axes, true) : g.scalar(1);
  return g.mul(g.div(dy, count), chosen);
});
export { ReduceMax as ReduceMin };

/** y = Π x;  dx = dy · the product of the others: with x' = x or, where that is 0, 1, and the zeros counted. */
export const ReduceProd: GradientRule = reduction(({ g, x, dy, axes }) => {
  if (axes.length === 0) return dy;
  const zero = g.scalar(0);
  const isZero = g.equal(x, zero);
  const filled = g.where(isZero, g.scalar(1), x);
  const product = g.node("ReduceProd", [filled, g.ints(...axes)], { keepdims: 1 });
  const count = g.cast(isZero, "float32");
  const otherZeros = g.sub(g.sum(count, axes, true), count);
  return g.mul(dy, g.where(g.equal(otherZeros, zero), g.div(product, filled), zero));
});
