// Gradients of sums, products and other element-wise arithmetic, with numpy's broadcasting.

import { type GradientRule, unary, unbroadcast } from "../rule.ts";

/** y = a + b. */
export const Add: GradientRule = ({ node, g, outputGradient, needs }) =>
  node.inputs.map((x, i) => (needs(i) ? unbroadcast(g, outputGradient(0)!, g.dims(x)) : undefined));

/** y = a · b;  da = dy · b, db = dy · a. */
export const Mul: GradientRule = ({ node, g, outputGradient, needs }) => {
  const [a, b] = node.inputs as [string, string];
  const dy = outputGradient(0)!;
  return [
    needs(0) ? unbroadcast(g, g.mul(dy, b), g.dims(a)) : undefined,
    needs(1) ? unbroadcast(g, g.mul(dy, a), g.dims(b)) : undefined,
  ];
};

export const Neg: GradientRule = unary((_x, _y, dy, g) => g.neg(dy));
export const Exp: GradientRule = unary((_x, y, dy, g) => g.mul(dy, y));
