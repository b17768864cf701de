// Short spellings of ONNX operators over a typed builder. Each method appends one node (and its constants) and returns
// the name of the value.

import { bug } from "../base/errors.ts";
import { castCode } from "./infer/dtypes.ts";
import type { DType, GraphTensor } from "./tensor.ts";
import { float32, int64 } from "./tensor.ts";
import type { TypedBuilder } from "./typed-builder.ts";

/** A typed builder that also spells the common operators. Axes may be negative. */
export interface Ops extends TypedBuilder {
  /** A float32 scalar; one constant a value however often it is asked for. */
  scalar(value: number): string;
  ints(...values: readonly number[]): string;
  float(name: string, dims: readonly number[], data: Float32Array): string;
  add(a: string, b: string): string;
  sub(a: string, b: string): string;
  mul(a: string, b: string): string;
  div(a: string, b: string): string;
  neg(x: string): string;
  exp(x: string): string;
  log(x: string): string;
  sqrt(x: string): string;
  square(x: string): string;
  abs(x: string): string;
  relu(x: string): string;
  sigmoid(x: string): string;
  tanh(x: string): string;
  softplus(x: string): string;
  softmax(x: string, axis?: number): string;
  logSoftmax(x: string, axis?: number): string;
  greater(a: string, b: string): string;
  equal(a: string, b: string): string;
  where(condition: string, a: string, b: string): string;
  cast(x: string, to: DType): string;
  matmul(a: string, b: string): string;
  /** alpha · A' B' + c on matrices. */
  gemm(a: string, b: string, c?: string, options?: { transA?: boolean; transB?: boolean; alpha?: number }): string;
  transpose(x: string, perm: readonly number[]): string;
  reshape(x: string, dims: readonly number[]): string;
  expand(x: string, dims: readonly number[]): string;
  unsqueeze(x: string, ...axes: readonly number[]): string;
  squeeze(x: string, ...axes: readonly number[]): string;
  concat(xs: readonly string[], axis: number): string;
  /** [start, end) of one axis; end may pass the end. */
  slice(x: string, axis: number, start: number, end: number): string;
  gather(x: string, ids: string, axis: number): string;
  /** Sum over axes (all of them for []), which stay as 1 with `keep`. */
  sum(x: string, axes: readonly number[], keep?: boolean): string;
  mean(x: string, axes: readonly number[], keep?: boolean): string;
}

export { castCode };

export function opsOn(b: TypedBuilder): Ops {
  const scalars = new Map<number, string>();
  const one = (op: string) => (x: string) => b.node(op, [x]);
  const two = (op: string) => (x: string, y: string) => b.node(op, [x, y]);
  const lists = new Map<string, string>();
  const constantOnce = <K>(cache: Map<K, string>, key: K, name: string, tensor: () => GraphTensor): string => {
    const found = cache.get(key) ?? b.constant(name, tensor());
    cache.set(key, found);
    return found;
  };
  const ints = (...values: readonly number[]) => constantOnce(lists, values.join(), "ints", () => int64(...values));
  const reduce =
    (op: string) =>
    (x: string, axes: readonly number[], keep = false) =>
      b.node(op, axes.length ? [x, ints(...axes)] : [x], { keepdims: keep ? 1 : 0 });
  return {
    ...b,
    scalar: (value) => constantOnce(scalars, value, "scalar", () => float32([], Float32Array.of(value))),
    ints,
    float: (name, dims, data) => b.constant(name, float32(dims, data)),
    add: two("Add"),
    sub: two("Sub"),
    mul: two("Mul"),
    div: two("Div"),
    neg: one("Neg"),
    exp: one("Exp"),
    log: one("Log"),
    sqrt: one("Sqrt"),
    square: (x) => b.node("Mul", [x, x]),
    abs: one("Abs"),
    relu: one("Relu"),
    sigmoid: one("Sigmoid"),
    tanh: one("Tanh"),
    softplus: one("Softplus"),
    softmax: (x, axis = -1) => b.node("Softmax", [x], { axis }),
    logSoftmax: (x, axis = -1) => b.node("LogSoftmax", [x], { axis }),
    greater: two("Greater"),
    equal: two("Equal"),
    where: (condition, x, y) => b.node("Where", [condition, x, y]),
    cast: (x, to) => b.node("Cast", [x], { to: castCode[to] ?? bug(`no Cast code of ${to}`) }),
    matmul: two("MatMul"),
    gemm: (x, y, c, { transA = false, transB = false, alpha = 1 } = {}) =>
      b.node("Gemm", c === undefined ? [x, y] : [x, y, c], {
        ...(transA && { transA: 1 }),
        ...(transB && { transB: 1 }),
        ...(alpha !== 1 && { alpha: { float: alpha } }),
      }),
    transpose: (x, perm) => b.node("Transpose", [x], { perm }),
    reshape: (x, dims) => b.node("Reshape", [x, ints(...dims)]),
    expand: (x, dims) => b.node("Expand", [x, ints(...dims)]),
    unsqueeze: (x, ...axes) => b.node("Unsqueeze", [x, ints(...axes)]),
    squeeze: (x, ...axes) => b.node("Squeeze", [x, ints(...axes)]),
    concat: (xs, axis) => (xs.length === 1 ? xs[0]! : b.node("Concat", [...xs], { axis })),
    slice: (x, axis, start, end) => b.node("Slice", [x, ints(start), ints(end), ints(axis)]),
    gather: (x, ids, axis) => b.node("Gather", [x, ids], { axis }),
    sum: reduce("ReduceSum"),
    mean: reduce("ReduceMean"),
  };
}
