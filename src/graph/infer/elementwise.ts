// Operators that work element by element: one input keeps its shape, two or more broadcast theirs.

import { dtypeOfCode } from "./dtypes.ts";
import {
  broadcastDims,
  fail,
  floatType,
  type InferContext,
  type InferRule,
  inputType,
  intAttribute,
  sameDtype,
  takes,
} from "./rule.ts";

const same: InferRule = (c) => {
  takes(c, 1);
  return [inputType(c, 0)];
};

const float: InferRule = (c) => {
  takes(c, 1);
  return [floatType(c, 0)];
};

function broadcast(c: InferContext, from: number, to: number): readonly number[] {
  let dims = inputType(c, from).dims;
  for (let i = from + 1; i < to; i++) {
    const other = inputType(c, i).dims;
    dims = broadcastDims(dims, other) ?? fail(c, `shapes [${dims.join(", ")}] and [${other.join(", ")}] do not fit.`);
  }
  return dims;
}

const variadic: InferRule = (c) => {
  takes(c, Math.max(c.inputs.length, 1));
  return [{ dtype: sameDtype(c, 0, c.inputs.length), dims: broadcast(c, 0, c.inputs.length) }];
};

const arithmetic: InferRule = (c) => {
  takes(c, 2);
  return variadic(c);
};

const comparison: InferRule = (c) => {
  takes(c, 2);
  sameDtype(c, 0, 2);
  return [{ dtype: "bool", dims: broadcast(c, 0, 2) }];
};

// The first `inputs` inputs must be bool.
function boolean(c: InferContext, inputs: number): void {
  for (let i = 0; i < inputs; i++) {
    if (inputType(c, i).dtype !== "bool") fail(c, `its input ${i} is ${inputType(c, i).dtype}, it takes bool.`);
  }
}

const logical: InferRule = (c) => {
  takes(c, 2);
  boolean(c, 2);
  return [{ dtype: "bool", dims: broadcast(c, 0, 2) }];
};

const test: InferRule = (c) => [{ dtype: "bool", dims: float(c)[0]!.dims }];

// The second input only ever broadcasts to the first.
const oneWay: InferRule = (c) => {
  const { dtype, dims } = floatType(c, 0);
  sameDtype(c, 0, 2);
  if (broadcast(c, 0, 2).join() !== dims.join()) {
    fail(c, `shape [${inputType(c, 1).dims.join(", ")}] does not broadcast to [${dims.join(", ")}].`);
  }
  return [{ dtype, dims }];
};

export {
  arithmetic as Add,
  arithmetic as BitwiseAnd,
  arithmetic as BitwiseOr,
  arithmetic as BitwiseXor,
  arithmetic as BitShift,
  arithmetic as Div,
  arithmetic as Mod,
  arithmetic as Mul,
  arithmetic as Sub,
  comparison as Equal,
  comparison as Greater,
  comparison as GreaterOrEqual,
  comparison as Less,
  comparison as LessOrEqual,
  float as Acos,
  float as Acosh,
  float as Asin,
  float as Asinh,
  float as Atan,
  float as Atanh,
  float as Ceil,
  float as Celu,
  float as Cos,
  float as Cosh,
  float as Elu,
  float as Erf,
  float as Exp,
  float as Floor,
  float as Gelu,
  float as HardSigmoid,
  float as HardSwish,
  float as LeakyRelu,
  float as Log,
  float as Mish,
  float as Reciprocal,
  float as Round,
  float as Selu,
  float as Sigmoid,
  float as Sin,
  float as Sinh,
  float as Softplus,
  float as Softsign,
  float as Sqrt,
  float as Tan,
  float as Tanh,
  float as ThresholdedRelu,
  logical as And,
  logical as Or,
  logical as Xor,
  oneWay as PRelu,
  same as Abs,
  same as BitwiseNot,
  same as Identity,
  same as Neg,
  same as Relu,
  same as Sign,
  test as IsInf,
  test as IsNaN,
  variadic as Max,
  variadic as Mean,
  variadic as Min,
  variadic as Sum,
};

export const Not: InferRule = (c) => {
  takes(c, 1);
  boolean(c, 1);
  return [inputType(c, 0)];
};

// The exponent may be of another type; the result has the base's.
export const Pow: InferRule = (c) => [{ dtype: inputType(c, 0).dtype, dims: broadcast(c, 0, 2) }];

export const Clip: InferRule = (c) => {
  const type = inputType(c, 0);
  for (const i of [1, 2]) {
    const bound = c.inputs[i];
    if (bound && (bound.dtype !== type.dtype || bound.dims.length !== 0)) {
      fail(c, `its bound (input ${i}) must be one ${type.dtype} number.`);
    }
  }
  return [type];
};

export const Where: InferRule = (c) => {
  takes(c, 3);
  boolean(c, 1);
  return [{ dtype: sameDtype(c, 1, 3), dims: broadcast(c, 0, 3) }];
};

export const Cast: InferRule = (c) => {
  takes(c, 1);
  const code = intAttribute(c.node, "to", 0);
  return [{ dtype: dtypeOfCode(code) ?? fail(c, `type ${code} is not supported.`), dims: inputType(c, 0).dims }];
};

export const CastLike: InferRule = (c) => [{ dtype: inputType(c, 1).dtype, dims: inputType(c, 0).dims }];
