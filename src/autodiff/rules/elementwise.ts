// Gradients of element-wise arithmetic, with numpy's broadcasting. At the edges of a domain they are PyTorch's: the
// gradient of √x at 0 is ∞ (NaN where dy is 0), of |x| at 0 it is 0, and 0 to a power p ≥ 0 gives p nothing.

import { elements } from "../../graph/tensor.ts";
import { type GradientContext, type GradientRule, pointwise, unbroadcast } from "../rule.ts";

/** The gradient of output 0: compact where no input in question was broadcast, else of the output's shape. */
function gradientFor({ node, g, outputGradient, compactGradient, needs }: GradientContext): string {
  const y = g.dims(node.outputs[0]!).join();
  const same = node.inputs.every((x, i) => !needs(i) || g.dims(x).join() === y);
  return same ? compactGradient(0)! : outputGradient(0)!;
}

/** The rule of an operator whose inputs broadcast: `gradient` is ∂L/∂input[i] before it is summed to the input's shape. */
const broadcasting =
  (gradient: (c: GradientContext, dy: string, i: number) => string): GradientRule =>
  (c) => {
    const dy = gradientFor(c);
    return c.node.inputs.map((x, i) => (c.needs(i) ? unbroadcast(c.g, gradient(c, dy, i), c.g.dims(x)) : undefined));
  };

/** y = a + b + …;  every input gets dy. */
export const Add: GradientRule = broadcasting((_c, dy) => dy);
export { Add as Sum };

/** y = a - b;  da = dy, db = -dy, negated after it is summed. */
export const Sub: GradientRule = (c) => {
  const [da, db] = Add(c);
  return [da, db && c.g.neg(db)];
};

/** y = (a + b + …) / n. */
export const Mean: GradientRule = (c) => Add(c).map((dx) => dx && c.g.mul(dx, c.g.scalar(1 / c.node.inputs.length)));

/** y = a · b;  da = dy · b, db = dy · a; of a square, 2 · dy · a in one, doubled before dy is broadcast. */
export const Mul: GradientRule = (c) => {
  const { node, g } = c;
  const [a, b] = node.inputs as [string, string];
  if (a !== b) return product(c);
  const dy = c.compactGradient(0)!;
  return [g.mul(g.add(dy, dy), a)];
};
const product = broadcasting(({ node, g }, dy, i) => g.mul(dy, node.inputs[1 - i]!));

/** y = a / b;  da = dy / b, db = -da · y. */
export const Div: GradientRule = (c) => {
  const { node, g, needs } = c;
  const [a, b] = node.inputs as [string, string];
  const share = g.div(gradientFor(c), b);
  return [
    needs(0) ? unbroadcast(g, share, g.dims(a)) : undefined,
    needs(1) ? g.neg(unbroadcast(g, g.mul(share, node.outputs[0]!), g.dims(b))) : undefined,
  ];
};

/** y = x^p;  dx = dy · p · x^(p-1) and 0 for p = 0;  dp = dy · y · ln x, and 0 where x = 0 and p ≥ 0. */
export const Pow: GradientRule = (c) => {
  const { node, g, needs } = c;
  const [x, p] = node.inputs as [string, string];
  const y = node.outputs[0]!;
  const exponent = g.known(p);
  const constant = exponent && elements(exponent.dims) === 1 ? Number(exponent.data[0]) : undefined;
  const base = () => {
    const dy = gradientFor(c);
    if (constant === 0) return undefined;
    if (constant === 1) return dy;
    if (constant === 2) return g.mul(dy, g.add(x, x));
    if (constant === 0.5) return g.div(g.mul(dy, g.scalar(0.5)), y);
    if (constant === -1) return g.neg(g.mul(dy, g.square(y)));
    if (constant !== undefined) {
      return g.mul(dy, g.mul(g.pow(x, g.scalar(constant - 1)), g.scalar(constant)));
    }
    const real = g.type(p).dtype === "float32" ? p : g.cast(p, "float32");
    const slope = g.mul(real, g.pow(x, g.sub(real, g.scalar(1))));
    return g.mul(dy, g.where(g.equal(real, g.scalar(0)), g.scalar(0), slope));
  };
  const power = () => {
    const flat = g.and(g.equal(x, g.scalar(0)), g.not(g.less(p, g.scalar(0))));
    return g.mul(gradientFor(c), g.where(flat, g.scalar(0), g.mul(y, g.log(x))));
  };
  const dx = needs(0) ? base() : undefined;
  return [dx && unbroadcast(g, dx, g.dims(x)), needs(1) ? unbroadcast(g, power(), g.dims(p)) : undefined];
};

export const Identity: GradientRule = pointwise((_x, _y, dy) => dy);
export const Neg: GradientRule = pointwise((_x, _y, dy, g) => g.neg(dy));
export const Exp: GradientRule = pointwise((_x, y, dy, g) => g.mul(dy, y));
export const Log: GradientRule = pointwise((x, _y, dy, g) => g.div(dy, x));
export const Sqrt: GradientRule = pointwise((_x, y, dy, g) => g.div(dy, g.add(y, y)));
export const Abs: GradientRule = pointwise((x, _y, dy, g) => g.mul(dy, g.sign(x)));
export const Reciprocal: GradientRule = pointwise((_x, y, dy, g) => g.neg(g.mul(dy, g.square(y))));
export const Sin: GradientRule = pointwise((x, _y, dy, g) => g.mul(dy, g.node("Cos", [x])));
export const Cos: GradientRule = pointwise((x, _y, dy, g) => g.neg(g.mul(dy, g.node("Sin", [x]))));

/** dy · 2/√π · exp(-x²), the factor inside the exponent. */
export const Erf: GradientRule = pointwise((x, _y, dy, g) =>
  g.mul(dy, g.exp(g.sub(g.scalar(Math.log(2 / Math.sqrt(Math.PI))), g.square(x)))),
);

/** Flat almost everywhere. */
const flat: GradientRule = () => [];

export { flat as Ceil, flat as Floor, flat as Round, flat as Sign };

/** dy goes to whichever inputs are y; n of them that tie get dy / n each, as torch.maximum gives two. */
const selecting: GradientRule = (c) => {
  const { node, g, needs } = c;
  if (node.inputs.length === 1) return [c.compactGradient(0)];
  const chosen = node.inputs.map((x) => x && g.cast(g.equal(x, node.outputs[0]!), "float32"));
  const share = g.div(
    c.outputGradient(0)!,
    chosen.filter(Boolean).reduce((a, b) => g.add(a, b)),
  );
  return node.inputs.map((x, i) => (needs(i) ? unbroadcast(g, g.mul(share, chosen[i]!), g.dims(x)) : undefined));
};

export { selecting as Max, selecting as Min };

/**
 * y = min(max(x, low), high). On a bound x gets 0, as in torch.clamp by numbers; where the gradient of the bound is
 * wanted, too, they get half each, as in torch.clamp by tensors.
 */
export const Clip: GradientRule = (c) => {
  const { node, g, compactGradient, needs } = c;
  if (needs(1) || needs(2)) return selecting(c);
  const [x, low, high] = node.inputs as [string, string?, string?];
  const inside = [...(low ? [g.greater(x, low)] : []), ...(high ? [g.less(x, high)] : [])];
  const dy = compactGradient(0)!;
  return [
    inside.length === 0
      ? dy
      : g.mul(
          dy,
          g.cast(
            inside.reduce((a, b) => g.and(a, b)),
            "float32",
          ),
        ),
  ];
};

/** y = condition ? a : b. Each side is selected, not multiplied by 0: what it masks may be infinite. */
export const Where: GradientRule = (c) => {
  const { node, g, needs } = c;
  const [condition, a, b] = node.inputs as [string, string, string];
  const dy = gradientFor(c);
  const zero = g.scalar(0);
  return [
    undefined,
    needs(1) ? unbroadcast(g, g.where(condition, dy, zero), g.dims(a)) : undefined,
    needs(2) ? unbroadcast(g, g.where(condition, zero, dy), g.dims(b)) : undefined,
  ];
};

/** From one float to another; what comes from integers has no gradient. */
export const Cast: GradientRule = ({ node, g, compactGradient }) => {
  const { dtype } = g.type(node.inputs[0]!);
  const dy = compactGradient(0)!;
  return [g.type(dy).dtype === dtype ? dy : g.cast(dy, dtype)];
};
export { Cast as CastLike };
