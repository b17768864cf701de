// Operators that rearrange, cut and join tensors without changing a number.

import { elements } from "../tensor.ts";
import { permutation, sliceRanges, splitParts } from "./forms.ts";
import {
  axesOf,
  axisOf,
  broadcastDims,
  fail,
  givenInts,
  type InferRule,
  inputType,
  intAttribute,
  knownInts,
  rankedType,
  sameDtype,
  shapeText,
} from "./rule.ts";

const same: InferRule = (c) => [rankedType(c, 0, 2)];

export { same as Trilu };

/** 0 keeps the input's size (unless allowzero), one -1 takes what is left. */
export const Reshape: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  const wanted = knownInts(c, 1, "shape");
  const misfit = (): never => fail(c, `shape ${shapeText(dims)} cannot become ${shapeText(wanted)}.`);
  const keep = !intAttribute(c.node, "allowzero", 0);
  const out = wanted.map((d, i) => (d === 0 && keep ? (dims[i] ?? misfit()) : d));
  const free = out.indexOf(-1);
  if (free >= 0) {
    const rest = elements(out.filter((_, i) => i !== free));
    out[free] = rest === 0 ? 0 : elements(dims) / rest;
  }
  if (out.some((d) => d < 0 || !Number.isInteger(d)) || elements(out) !== elements(dims)) misfit();
  return [{ dtype, dims: out }];
};

export const Flatten: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  const axis = intAttribute(c.node, "axis", 1);
  if (axis < -dims.length || axis > dims.length) fail(c, `axis ${axis} is outside ${shapeText(dims)}.`);
  return [{ dtype, dims: [elements(dims.slice(0, axis)), elements(dims.slice(axis === 0 ? 0 : axis))] }];
};

export const Squeeze: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  const given = givenInts(c, 1, "axes");
  const axes = given && axesOf(c, given, dims.length);
  const bad = axes?.find((axis) => dims[axis] !== 1);
  if (bad !== undefined) fail(c, `axis ${bad} of ${shapeText(dims)} is not 1.`);
  return [{ dtype, dims: dims.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)) }];
};

export const Unsqueeze: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  const given = givenInts(c, 1, "axes") ?? fail(c, "it has no axes.");
  const axes = axesOf(c, given, dims.length + given.length);
  let next = 0;
  const out = Array.from({ length: dims.length + axes.length }, (_, i) => (axes.includes(i) ? 1 : dims[next++]!));
  return [{ dtype, dims: out }];
};

export const Expand: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  const wanted = knownInts(c, 1, "shape");
  const out = wanted.some((d) => d < 0) ? undefined : broadcastDims(dims, wanted);
  return [{ dtype, dims: out ?? fail(c, `shape ${shapeText(dims)} does not expand to ${shapeText(wanted)}.`) }];
};

export const Transpose: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  return [{ dtype, dims: permutation(c).map((axis) => dims[axis]!) }];
};

export const Concat: InferRule = (c) => {
  const first = rankedType(c, 0, 1);
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), first.dims.length);
  const out = [...first.dims];
  for (let i = 1; i < c.inputs.length; i++) {
    const { dims } = inputType(c, i);
    if (dims.length !== out.length || dims.some((d, at) => at !== axis && d !== out[at])) {
      fail(c, `shapes ${shapeText(first.dims)} and ${shapeText(dims)} do not join along axis ${axis}.`);
    }
    out[axis]! += dims[axis]!;
  }
  return [{ dtype: sameDtype(c, 0, c.inputs.length), dims: out }];
};

export const Split: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  const { axis, sizes } = splitParts(c);
  return sizes.map((size) => ({ dtype, dims: dims.map((d, i) => (i === axis ? size : d)) }));
};

export const Slice: InferRule = (c) => [{ dtype: inputType(c, 0).dtype, dims: sliceRanges(c).map(({ size }) => size) }];

export const Tile: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  const repeats = knownInts(c, 1, "repeats");
  if (repeats.length !== dims.length || repeats.some((n) => n < 0)) {
    fail(c, `the repeats ${shapeText(repeats)} do not fit shape ${shapeText(dims)}.`);
  }
  return [{ dtype, dims: dims.map((d, i) => d * repeats[i]!) }];
};

export const Pad: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  const pads = knownInts(c, 1, "pads");
  const axes = axesOf(c, c.inputs[3] ? knownInts(c, 3, "axes") : dims.map((_, i) => i), dims.length);
  if (pads.length !== 2 * axes.length) fail(c, `${pads.length} pads do not fit ${axes.length} axes.`);
  const out = [...dims];
  axes.forEach((axis, i) => {
    out[axis]! += pads[i]! + pads[axes.length + i]!;
  });
  if (out.some((d) => d < 0)) fail(c, `the pads ${shapeText(pads)} cut more than there is of ${shapeText(dims)}.`);
  return [{ dtype, dims: out }];
};
