// Gradients of operators that give the same numbers another shape.

import { permutation } from "../../graph/infer/forms.ts";
import { knownInts } from "../../graph/infer/rule.ts";
import { formOf } from "../node-form.ts";
import { type GradientRule, unbroadcast } from "../rule.ts";

const reshaped: GradientRule = ({ node, g, outputGradient }) => [
  g.reshape(outputGradient(0)!, g.dims(node.inputs[0]!)),
];

export { reshaped as Flatten, reshaped as Reshape, reshaped as Squeeze, reshaped as Unsqueeze };

export const Expand: GradientRule = ({ node, g, outputGradient }) => [
  unbroadcast(g, outputGradient(0)!, g.dims(node.inputs[0]!)),
];

/** The inverse permutation. */
export const Transpose: GradientRule = (c) => {
  const perm = permutation(formOf(c));
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return [c.g.transpose(c.outputGradient(0)!, inverse)];
};

/** Axis i of size d repeated r times is [r, d]; the gradient is the sum over every r. */
export const Tile: GradientRule = (c) => {
  const { g, node, outputGradient } = c;
  const dims = g.dims(node.inputs[0]!);
  const repeats = knownInts(formOf(c), 1, "repeats");
  const [open, axes]: [number[], number[]] = [[], []];
  dims.forEach((d, i) => {
    if (repeats[i] !== 1) axes.push(open.push(repeats[i]!) - 1);
    open.push(d);
  });
  const split = g.reshape(outputGradient(0)!, open);
  return [axes.length ? g.sum(split, axes) : split];
};
