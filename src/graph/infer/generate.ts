// Operators that make tensors from attributes, shapes or sizes.

import { dtypeOfCode } from "./dtypes.ts";
import { constantTensor, filling, shapeRange } from "./forms.ts";
import {
  fail,
  type InferContext,
  type InferRule,
  inputType,
  intsAttribute,
  knownInts,
  rankedType,
  sameDtype,
  type ValueType,
} from "./rule.ts";

export const Constant: InferRule = (c) => {
  const { dtype, dims } = constantTensor(c);
  return [{ dtype, dims }];
};

export const ConstantOfShape: InferRule = (c) => [{ dtype: filling(c).dtype, dims: knownInts(c, 0, "shape") }];

export const Shape: InferRule = (c) => {
  const [start, end] = shapeRange(c);
  return [{ dtype: "int64", dims: [Math.max(0, end - start)] }];
};

export const Size: InferRule = (c) => {
  inputType(c, 0);
  return [{ dtype: "int64", dims: [] }];
};

export const Range: InferRule = (c) => {
  const dtype = sameDtype(c, 0, 3);
  const [start = 0, limit = 0, step = 0] = [0, 1, 2].map((i) => {
    inputType(c, i);
    const tensor = c.constant(i) ?? fail(c, `its input ${i} depends on the data; a shape must be known before.`);
    return Number(tensor.data[0]);
  });
  const size = Math.max(0, Math.ceil((limit - start) / step));
  if (!Number.isFinite(size)) fail(c, `it has no end from ${start} to ${limit} by ${step}.`);
  return [{ dtype, dims: [size] }];
};

function typeOr(c: InferContext, fallback: ValueType["dtype"]): ValueType["dtype"] {
  const code = c.node.attributes["dtype"];
  if (typeof code !== "number") return fallback;
  return dtypeOfCode(code) ?? fail(c, `type ${code} is not supported.`);
}

export const EyeLike: InferRule = (c) => {
  const { dtype, dims } = rankedType(c, 0, 2, 2);
  return [{ dtype: typeOr(c, dtype), dims }];
};

const like: InferRule = (c) => {
  const { dtype, dims } = inputType(c, 0);
  return [{ dtype: typeOr(c, dtype), dims }];
};

const random: InferRule = (c) => [
  { dtype: typeOr(c, "float32"), dims: intsAttribute(c.node, "shape") ?? fail(c, "it has no shape.") },
];

export {
  like as Bernoulli,
  like as RandomNormalLike,
  like as RandomUniformLike,
  random as RandomNormal,
  random as RandomUniform,
};
