// Gradients of operators that cut tensors and join them.

import { UserError } from "../../base/errors.ts";
import { sliceRanges, splitParts } from "../../graph/infer/forms.ts";
import { axesOf, axisOf, intAttribute, knownInts, nodeName, textAttribute } from "../../graph/infer/rule.ts";
import { formOf } from "../node-form.ts";
import { padAxis, placeAlong, zeros } from "../place.ts";
import type { GradientRule } from "../rule.ts";

/** Each input gets its own part of dy. */
export const Concat: GradientRule = (c) => {
  const { node, g, outputGradient, needs } = c;
  const dy = outputGradient(0)!;
  const axis = axisOf(formOf(c), intAttribute(node, "axis", 0), g.dims(dy).length);
  const sizes = node.inputs.map((x) => g.dims(x)[axis]!);
  const wanted = node.inputs.flatMap((_, i) => (needs(i) ? [i] : []));
  if (wanted.length === 1) {
    const start = sizes.slice(0, wanted[0]).reduce((a, b) => a + b, 0);
    return node.inputs.map((_, i) => (needs(i) ? g.slice(dy, axis, start, start + sizes[i]!) : undefined));
  }
  return g.nodes("Split", [dy, g.ints(...sizes)], { axis }, sizes.length);
};

/** dx is the parts side by side; a part that nothing reads is zero. */
export const Split: GradientRule = (c) => {
  const { node, g, outputGradient } = c;
  const { axis } = splitParts(formOf(c));
  const parts = node.outputs.map((y, i) => outputGradient(i) ?? zeros(g, g.dims(y)));
  return [g.concat(parts, axis)];
};

/** dy goes back to the places that were taken, axis by axis, the one that grows least first. */
export const Slice: GradientRule = (c) => {
  const { node, g, outputGradient } = c;
  const dims = g.dims(node.inputs[0]!);
  const ranges = sliceRanges(formOf(c)).map((range, axis) => ({ ...range, axis, whole: dims[axis]! }));
  const growth = ({ size, whole }: { size: number; whole: number }) => whole / size;
  return [
    ranges
      .sort((a, b) => growth(a) - growth(b))
      .reduce((dy, { axis, whole, start, step, size }) => {
        const positions = Array.from({ length: size }, (_, i) => start + i * step);
        return placeAlong(g, dy, axis, whole, positions);
      }, outputGradient(0)!),
  ];
};

/** dx is the inside of dy, where negative pads cut x a zero; the value gets the sum of what lies outside. */
export const Pad: GradientRule = (c) => {
  const { node, g, outputGradient, needs } = c;
  const mode = textAttribute(node, "mode", "constant");
  if (mode !== "constant") {
    throw new UserError(`${nodeName(node)}: its mode "${mode}" has no gradient rule; pad with a constant.`);
  }
  const form = formOf(c);
  const dims = g.dims(node.inputs[0]!);
  const pads = knownInts(form, 1, "pads");
  const axes = node.inputs[3] ? axesOf(form, knownInts(form, 3, "axes"), dims.length) : dims.map((_, i) => i);
  const dy = outputGradient(0)!;
  let inside = dy;
  axes.forEach((axis, i) => {
    const [before, after] = [pads[i]!, pads[i + axes.length]!];
    const size = g.dims(inside)[axis]!;
    if (before > 0 || after > 0) inside = g.slice(inside, axis, Math.max(before, 0), size - Math.max(after, 0));
  });
  const gradient = () =>
    axes.reduce(
      (part, axis, i) => padAxis(g, part, axis, Math.max(-pads[i]!, 0), Math.max(-pads[i + axes.length]!, 0)),
      inside,
    );
  return [
    needs(0) ? gradient() : undefined,
    undefined,
    needs(2) ? g.reshape(g.sub(g.sum(dy, []), g.sum(inside, [])), g.dims(node.inputs[2]!)) : undefined,
  ];
};
