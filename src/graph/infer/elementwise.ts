// Operators that keep a shape or broadcast two or more.

import { broadcastDims, fail, type InferContext, type InferRule, inputType, type ValueType } from "./rule.ts";

const same: InferRule = (c) => [inputType(c, 0)];

function broadcast(c: InferContext, from: number, to: number): readonly number[] {
  let dims = inputType(c, from).dims;
  for (let i = from + 1; i < to; i++) {
    const other = inputType(c, i).dims;
    dims = broadcastDims(dims, other) ?? fail(c, `shapes [${dims.join(", ")}] and [${other.join(", ")}] do not fit.`);
  }
  return dims;
}

const arithmetic: InferRule = (c) => [{ dtype: inputType(c, 0).dtype, dims: broadcast(c, 0, c.inputs.length) }];
const comparison: InferRule = (c) => [{ dtype: "bool", dims: broadcast(c, 0, 2) } satisfies ValueType];

export {
  arithmetic as Add,
  arithmetic as Div,
  arithmetic as Max,
  arithmetic as Min,
  arithmetic as Mul,
  arithmetic as Sub,
  arithmetic as Sum,
  comparison as Equal,
  comparison as Greater,
  same as Abs,
  same as Exp,
  same as Identity,
  same as Log,
  same as Neg,
  same as Reciprocal,
  same as Relu,
  same as Sigmoid,
  same as Softplus,
  same as Sqrt,
  same as Tanh,
};
export const Where: InferRule = (c) => [{ dtype: inputType(c, 1).dtype, dims: broadcast(c, 0, 3) }];
