// Folding of operators that read or write by index, and of sums over axes.

import { elements, type GraphTensor } from "../../tensor.ts";
import { reducedAxes } from "../forms.ts";
import { axisOf, type FoldRule, fail, type InferContext, intAttribute, textAttribute } from "../rule.ts";
import { copy, isReal, larger, put, reshaped, smaller, strided, stridesOf, zeros } from "./tensors.ts";

function indexOf(c: InferContext, value: number | bigint, size: number): number {
  const i = Number(value);
  if (i < -size || i >= size) fail(c, `index ${i} is outside an axis of ${size}.`);
  return i < 0 ? i + size : i;
}

export const Gather: FoldRule = (c, [type]) => {
  const [x, ids] = [c.constant(0)!, c.constant(1)!];
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), x.dims.length);
  const out = zeros(type!);
  const size = x.dims[axis]!;
  const [outer, inner] = [elements(x.dims.slice(0, axis)), elements(x.dims.slice(axis + 1))];
  let at = 0;
  for (let block = 0; block < outer; block++) {
    for (const id of ids.data) {
      copy(out, at, x, (block * size + indexOf(c, id, size)) * inner, inner);
      at += inner;
    }
  }
  return [out];
};

export const ScatterND: FoldRule = (c) => {
  if (textAttribute(c.node, "reduction", "none") !== "none") return undefined;
  const [x, ids, updates] = [c.constant(0)!, c.constant(1)!, c.constant(2)!];
  const out = zeros(x);
  copy(out, 0, x, 0, x.data.length);
  const depth = ids.dims.at(-1)!;
  const strides = stridesOf(x.dims);
  const size = elements(x.dims.slice(depth));
  for (let i = 0; i < ids.data.length / depth; i++) {
    let at = 0;
    for (let axis = 0; axis < depth; axis++) {
      at += strides[axis]! * indexOf(c, ids.data[i * depth + axis]!, x.dims[axis]!);
    }
    copy(out, at, updates, i * size, size);
  }
  return [out];
};

/** The places of the numbers that are not 0, an axis a row. */
export const NonZero: FoldRule = (c, [type]) => {
  const x = c.constant(0)!;
  const out = zeros(type!);
  const count = type!.dims[1]!;
  const dims = x.dims.length ? x.dims : [1];
  const strides = stridesOf(dims);
  let found = 0;
  x.data.forEach((value: number | bigint, i: number) => {
    if (Number(value) === 0) return;
    dims.forEach((size, axis) => {
      put(out.data, axis * count + found, Math.floor(i / strides[axis]!) % size);
    });
    found++;
  });
  return [out];
};

// The reduced axes are moved to the end, where each group of them is one run of numbers.
const reduction =
  (of: (a: bigint, b: bigint) => bigint, empty?: bigint): FoldRule =>
  (c, [type]) => {
    const x = c.constant(0)!;
    if (isReal(x.dtype)) return undefined;
    const axes = reducedAxes(c);
    const order = [...x.dims.keys()].filter((i) => !axes.includes(i)).concat(axes);
    const strides = stridesOf(x.dims);
    const moved: GraphTensor = strided(
      x,
      order.map((i) => x.dims[i]!),
      order.map((i) => strides[i]!),
    );
    const size = elements(axes.map((i) => x.dims[i]!));
    const out = zeros(type!);
    if (size === 0 && empty === undefined) return undefined;
    for (let i = 0; i < out.data.length; i++) {
      const group = Array.from(moved.data.subarray(i * size, (i + 1) * size) as ArrayLike<number | bigint>, BigInt);
      put(out.data, i, empty === undefined ? group.reduce(of) : group.reduce(of, empty));
    }
    return [reshaped(out, type!.dims)];
  };

export const ReduceSum: FoldRule = reduction((a, b) => a + b, 0n);
export const ReduceProd: FoldRule = reduction((a, b) => a * b, 1n);
export const ReduceMax: FoldRule = reduction(larger);
export const ReduceMin: FoldRule = reduction(smaller);
