// Folding of operators that rearrange, cut and join tensors.

import { elements } from "../../tensor.ts";
import { permutation, sliceRanges, splitParts } from "../forms.ts";
import { axisOf, type FoldRule, intAttribute } from "../rule.ts";
import { broadcastTo, copy, reshaped, strided, stridesOf, zeros } from "./tensors.ts";

const sameNumbers: FoldRule = (c, [type]) => [reshaped(c.constant(0)!, type!.dims)];

export {
  sameNumbers as Flatten,
  sameNumbers as Identity,
  sameNumbers as Reshape,
  sameNumbers as Squeeze,
  sameNumbers as Unsqueeze,
};

export const Expand: FoldRule = (c, [type]) => [broadcastTo(c.constant(0)!, type!.dims)];

export const Transpose: FoldRule = (c, [type]) => {
  const x = c.constant(0)!;
  const strides = stridesOf(x.dims);
  return [
    strided(
      x,
      type!.dims,
      permutation(c).map((axis) => strides[axis]!),
    ),
  ];
};

export const Slice: FoldRule = (c, [type]) => {
  const x = c.constant(0)!;
  const strides = stridesOf(x.dims);
  const ranges = sliceRanges(c);
  const offset = ranges.reduce((sum, { start }, i) => sum + start * strides[i]!, 0);
  return [
    strided(
      x,
      type!.dims,
      ranges.map(({ step }, i) => step * strides[i]!),
      offset,
    ),
  ];
};

export const Split: FoldRule = (c, types) => {
  const x = c.constant(0)!;
  const { axis } = splitParts(c);
  const strides = stridesOf(x.dims);
  let start = 0;
  return types.map(({ dims }) => {
    const part = strided(x, dims, strides, start * strides[axis]!);
    start += dims[axis]!;
    return part;
  });
};

// A tile is an axis of its own that does not move.
export const Tile: FoldRule = (c, [type]) => {
  const x = c.constant(0)!;
  const strides = stridesOf(x.dims);
  const spread = x.dims.flatMap((d, i) => [d === 0 ? 0 : type!.dims[i]! / d, d]);
  return [
    reshaped(
      strided(
        x,
        spread,
        strides.flatMap((stride) => [0, stride]),
      ),
      type!.dims,
    ),
  ];
};

export const Concat: FoldRule = (c, [type]) => {
  const out = zeros(type!);
  const { dims } = type!;
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), dims.length);
  const outer = elements(dims.slice(0, axis));
  let at = 0;
  for (let block = 0; block < outer; block++) {
    c.inputs.forEach((input, i) => {
      const size = elements(input!.dims.slice(axis));
      copy(out, at, c.constant(i)!, block * size, size);
      at += size;
    });
  }
  return [out];
};

export const Trilu: FoldRule = (c, [type]) => {
  const x = c.constant(0)!;
  const out = zeros(type!);
  const [rows, columns] = [type!.dims.at(-2)!, type!.dims.at(-1)!];
  const k = Number(c.constant(1)?.data[0] ?? 0);
  const upper = intAttribute(c.node, "upper", 1) !== 0;
  for (let row = 0; row < elements(type!.dims) / columns; row++) {
    // Upper keeps the columns from the diagonal on, lower those up to it.
    const edge = Math.min(Math.max((row % rows) + k + (upper ? 0 : 1), 0), columns);
    const [from, to] = upper ? [edge, columns] : [0, edge];
    copy(out, row * columns + from, x, row * columns + from, to - from);
  }
  return [out];
};
