// Operators that read or write by index.

import {
  axisOf,
  fail,
  type InferContext,
  type InferRule,
  inputType,
  intAttribute,
  knownInts,
  rankedType,
  shapeText,
  type ValueType,
} from "./rule.ts";

function indices(c: InferContext, i: number): ValueType {
  const type = inputType(c, i);
  if (type.dtype !== "int64" && type.dtype !== "int32")
    fail(c, `its indices are ${type.dtype}, they must be int64 or int32.`);
  return type;
}

export const Gather: InferRule = (c) => {
  const { dtype, dims } = rankedType(c, 0, 1);
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), dims.length);
  return [{ dtype, dims: [...dims.slice(0, axis), ...indices(c, 1).dims, ...dims.slice(axis + 1)] }];
};

export const GatherElements: InferRule = (c) => {
  const { dtype, dims } = rankedType(c, 0, 1);
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), dims.length);
  const ids = indices(c, 1).dims;
  if (ids.length !== dims.length || ids.some((d, i) => i !== axis && d > dims[i]!)) {
    fail(c, `indices of shape ${shapeText(ids)} do not fit ${shapeText(dims)}.`);
  }
  return [{ dtype, dims: ids }];
};

export const GatherND: InferRule = (c) => {
  const { dtype, dims } = rankedType(c, 0, 1);
  const ids = inputType(c, 1).dims;
  const batch = intAttribute(c.node, "batch_dims", 0);
  const depth = ids.at(-1) ?? 0;
  if (depth < 1 || batch < 0 || batch >= ids.length || batch + depth > dims.length || !startsAlike(ids, dims, batch)) {
    fail(c, `indices of shape ${shapeText(ids)} do not fit ${shapeText(dims)}.`);
  }
  return [{ dtype, dims: [...ids.slice(0, -1), ...dims.slice(batch + depth)] }];
};

const startsAlike = (a: readonly number[], b: readonly number[], n: number): boolean =>
  a.slice(0, n).join() === b.slice(0, n).join();

export const ScatterElements: InferRule = (c) => {
  const type = rankedType(c, 0, 1);
  const axis = axisOf(c, intAttribute(c.node, "axis", 0), type.dims.length);
  const [ids, updates] = [indices(c, 1).dims, inputType(c, 2)];
  const fits = ids.length === type.dims.length && ids.every((d, i) => i === axis || d <= type.dims[i]!);
  if (!fits || updates.dims.join() !== ids.join() || updates.dtype !== type.dtype) {
    fail(c, `indices ${shapeText(ids)} and updates ${shapeText(updates.dims)} do not fit ${shapeText(type.dims)}.`);
  }
  return [type];
};

export const ScatterND: InferRule = (c) => {
  const type = rankedType(c, 0, 1);
  const [ids, updates] = [inputType(c, 1).dims, inputType(c, 2)];
  const depth = ids.at(-1) ?? 0;
  const wanted = [...ids.slice(0, -1), ...type.dims.slice(depth)];
  if (depth < 1 || depth > type.dims.length || updates.dims.join() !== wanted.join() || updates.dtype !== type.dtype) {
    fail(c, `indices ${shapeText(ids)} and updates ${shapeText(updates.dims)} do not fit ${shapeText(type.dims)}.`);
  }
  return [type];
};

export const OneHot: InferRule = (c) => {
  const { dims } = rankedType(c, 0, 1);
  const depth = knownInts(c, 1, "depth")[0] ?? -1;
  const axis = axisOf(c, intAttribute(c.node, "axis", -1), dims.length + 1);
  if (depth < 0) fail(c, `depth is ${depth}.`);
  return [{ dtype: inputType(c, 2).dtype, dims: [...dims.slice(0, axis), depth, ...dims.slice(axis)] }];
};

/** Its size depends on the numbers, so it is known only for constants. */
export const NonZero: InferRule = (c) => {
  const { dims } = inputType(c, 0);
  const tensor = c.constant(0) ?? fail(c, "the number of results depends on the data; a shape must be known before.");
  let count = 0;
  for (const value of tensor.data) if (Number(value) !== 0) count++;
  return [{ dtype: "int64", dims: [Math.max(dims.length, 1), count] }];
};
