// Short spellings of ONNX operators over a typed builder. Each method appends one node (and its constants) and returns
// the name of the value.

import { dtypeCode } from "./infer/dtypes.ts";
import type { DType, GraphTensor } from "./tensor.ts";
import { float32, int64 } from "./tensor.ts";
import type { TypedBuilder } from "./typed-builder.ts";

/** A typed builder that also spells the common operators. Axes may be negative. */
export interface Ops extends TypedBuilder {
  /** A float32 scalar; one constant a value however often it is asked for. */
  scalar(value: number): string;
  ints(...values: readonly number[]): string;
  /** A tensor of one float32 value; takes no room in the file. */
  full(dims: readonly number[], value: number): string;
  float(name: string, dims: readonly number[], data: Float32Array): string;
  add(a: string, b: string): string;
  sub(a: string, b: string): string;
  mul(a: string, b: string): string;
  div(a: string, b: string): string;
  pow(x: string, exponent: string): string;
  max(...xs: readonly string[]): string;
  min(...xs: readonly string[]): string;
  /** Between float32 bounds; undefined leaves a side open. */
  clip(x: string, low: number | undefined, high: number | undefined): string;
  neg(x: string): string;
  reciprocal(x: string): string;
  exp(x: string): string;
  log(x: string): string;
  sqrt(x: string): string;
  square(x: string): string;
  abs(x: string): string;
  sign(x: string): string;
  floor(x: string): string;
  /** To the nearest, halves to even. */
  round(x: string): string;
  erf(x: string): string;
  relu(x: string): string;
  leakyRelu(x: string, slope: number): string;
  /** x Φ(x), or its approximation by tanh. */
  gelu(x: string, approximate?: "none" | "tanh"): string;
  sigmoid(x: string): string;
  tanh(x: string): string;
  softplus(x: string): string;
  softmax(x: string, axis?: number): string;
  logSoftmax(x: string, axis?: number): string;
  /** (x - mean) / √(variance + epsilon) · scale + bias over the axes from `axis` on. */
  layerNorm(x: string, scale: string, bias?: string, options?: { axis?: number; epsilon?: number }): string;
  greater(a: string, b: string): string;
  less(a: string, b: string): string;
  equal(a: string, b: string): string;
  not(x: string): string;
  and(a: string, b: string): string;
  or(a: string, b: string): string;
  where(condition: string, a: string, b: string): string;
  cast(x: string, to: DType): string;
  matmul(a: string, b: string): string;
  /** alpha · A' B' + c on matrices. */
  gemm(a: string, b: string, c?: string, options?: { transA?: boolean; transB?: boolean; alpha?: number }): string;
  /** A sum of products in letters, such as "bij,bjk->bik". */
  einsum(equation: string, ...xs: readonly string[]): string;
  transpose(x: string, perm: readonly number[]): string;
  /** 0 keeps the size at its place, one -1 takes what is left. */
  reshape(x: string, dims: readonly number[]): string;
  /** To the two dims around an axis: everything before it, and the rest. */
  flatten(x: string, axis?: number): string;
  expand(x: string, dims: readonly number[]): string;
  tile(x: string, repeats: readonly number[]): string;
  unsqueeze(x: string, ...axes: readonly number[]): string;
  squeeze(x: string, ...axes: readonly number[]): string;
  concat(xs: readonly string[], axis: number): string;
  /** [start, end) of one axis; end may pass the end. */
  slice(x: string, axis: number, start: number, end: number): string;
  /** Parts of these sizes along one axis. */
  split(x: string, axis: number, sizes: readonly number[]): string[];
  gather(x: string, ids: string, axis: number): string;
  gatherElements(x: string, ids: string, axis: number): string;
  /** A copy of x with updates put, or added, at ids along one axis. */
  scatterElements(x: string, ids: string, updates: string, axis: number, reduction?: "none" | "add"): string;
  /** A copy of x with updates put, or added, at the places that the last axis of ids gives. */
  scatterND(x: string, ids: string, updates: string, reduction?: "none" | "add"): string;
  /** float32 1 at ids and 0 elsewhere, along a new axis of `depth`. */
  oneHot(ids: string, depth: number, axis?: number): string;
  /** The k largest along an axis in falling order, and where they were (int64). */
  topk(x: string, k: number, axis?: number): [values: string, ids: string];
  /** Where the largest along an axis is (int64). */
  argmax(x: string, axis: number, keep?: boolean): string;
  cumsum(x: string, axis: number, options?: { exclusive?: boolean; reverse?: boolean }): string;
  /** A lower (or upper) triangle, zeros elsewhere; the k-th diagonal is its edge. */
  trilu(x: string, upper: boolean, k?: number): string;
  /** Sum over axes (all of them for []), which stay as 1 with `keep`. */
  sum(x: string, axes: readonly number[], keep?: boolean): string;
  mean(x: string, axes: readonly number[], keep?: boolean): string;
  reduceMax(x: string, axes: readonly number[], keep?: boolean): string;
  reduceMin(x: string, axes: readonly number[], keep?: boolean): string;
  /** log Σ exp. */
  logSumExp(x: string, axes: readonly number[], keep?: boolean): string;
  /** √Σx². */
  norm(x: string, axes: readonly number[], keep?: boolean): string;
}

export function opsOn(b: TypedBuilder): Ops {
  const scalars = new Map<number, string>();
  const one = (op: string) => (x: string) => b.node(op, [x]);
  const two = (op: string) => (x: string, y: string) => b.node(op, [x, y]);
  let offOn: string | undefined;
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
  const scalar = (value: number) => constantOnce(scalars, value, "scalar", () => float32([], Float32Array.of(value)));
  const many = (op: string, xs: readonly string[]) => (xs.length === 1 ? xs[0]! : b.node(op, [...xs]));
  return {
    ...b,
    scalar,
    ints,
    full: (dims, value) =>
      b.node("ConstantOfShape", [ints(...dims)], { value: float32([1], Float32Array.of(value)) }, "full"),
    float: (name, dims, data) => b.constant(name, float32(dims, data)),
    add: two("Add"),
    sub: two("Sub"),
    mul: two("Mul"),
    div: two("Div"),
    pow: two("Pow"),
    max: (...xs) => many("Max", xs),
    min: (...xs) => many("Min", xs),
    clip: (x, low, high) =>
      b.node("Clip", [x, low === undefined ? "" : scalar(low), ...(high === undefined ? [] : [scalar(high)])]),
    neg: one("Neg"),
    reciprocal: one("Reciprocal"),
    exp: one("Exp"),
    log: one("Log"),
    sqrt: one("Sqrt"),
    square: (x) => b.node("Mul", [x, x]),
    abs: one("Abs"),
    sign: one("Sign"),
    floor: one("Floor"),
    round: one("Round"),
    erf: one("Erf"),
    relu: one("Relu"),
    leakyRelu: (x, slope) => b.node("LeakyRelu", [x], { alpha: { float: slope } }),
    gelu: (x, approximate = "none") => b.node("Gelu", [x], approximate === "tanh" ? { approximate } : {}),
    sigmoid: one("Sigmoid"),
    tanh: one("Tanh"),
    softplus: one("Softplus"),
    softmax: (x, axis = -1) => b.node("Softmax", [x], { axis }),
    logSoftmax: (x, axis = -1) => b.node("LogSoftmax", [x], { axis }),
    layerNorm: (x, scale, bias, { axis = -1, epsilon = 1e-5 } = {}) =>
      b.node("LayerNormalization", bias === undefined ? [x, scale] : [x, scale, bias], {
        axis,
        epsilon: { float: epsilon },
      }),
    greater: two("Greater"),
    less: two("Less"),
    equal: two("Equal"),
    not: one("Not"),
    and: two("And"),
    or: two("Or"),
    where: (condition, x, y) => b.node("Where", [condition, x, y]),
    cast: (x, to) => b.node("Cast", [x], { to: dtypeCode[to] }),
    matmul: two("MatMul"),
    gemm: (x, y, c, { transA = false, transB = false, alpha = 1 } = {}) =>
      b.node("Gemm", c === undefined ? [x, y] : [x, y, c], {
        ...(transA && { transA: 1 }),
        ...(transB && { transB: 1 }),
        ...(alpha !== 1 && { alpha: { float: alpha } }),
      }),
    einsum: (equation, ...xs) => b.node("Einsum", [...xs], { equation }),
    transpose: (x, perm) => b.node("Transpose", [x], { perm }),
    reshape: (x, dims) => b.node("Reshape", [x, ints(...dims)]),
    expand: (x, dims) => b.node("Expand", [x, ints(...dims)]),
    flatten: (x, axis = 1) => b.node("Flatten", [x], { axis }),
    tile: (x, repeats) => b.node("Tile", [x, ints(...repeats)]),
    unsqueeze: (x, ...axes) => b.node("Unsqueeze", [x, ints(...axes)]),
    squeeze: (x, ...axes) => b.node("Squeeze", [x, ints(...axes)]),
    concat: (xs, axis) => (xs.length === 1 ? xs[0]! : b.node("Concat", [...xs], { axis })),
    slice: (x, axis, start, end) => b.node("Slice", [x, ints(start), ints(end), ints(axis)]),
    split: (x, axis, sizes) =>
      sizes.length === 1 ? [x] : b.nodes("Split", [x, ints(...sizes)], { axis }, sizes.length),
    gather: (x, ids, axis) => b.node("Gather", [x, ids], { axis }),
    gatherElements: (x, ids, axis) => b.node("GatherElements", [x, ids], { axis }),
    scatterElements: (x, ids, updates, axis, reduction = "none") =>
      b.node("ScatterElements", [x, ids, updates], { axis, reduction }),
    scatterND: (x, ids, updates, reduction = "none") => b.node("ScatterND", [x, ids, updates], { reduction }),
    oneHot(ids, depth, axis = -1) {
      offOn ??= b.constant("off_on", float32([2], Float32Array.of(0, 1)));
      return b.node("OneHot", [ids, ints(depth), offOn], { axis });
    },
    topk: (x, k, axis = -1) => b.nodes("TopK", [x, ints(k)], { axis }, 2) as [string, string],
    argmax: (x, axis, keep = false) => b.node("ArgMax", [x], { axis, keepdims: keep ? 1 : 0 }),
    cumsum: (x, axis, { exclusive = false, reverse = false } = {}) =>
      b.node("CumSum", [x, ints(axis)], {
        ...(exclusive && { exclusive: 1 }),
        ...(reverse && { reverse: 1 }),
      }),
    trilu: (x, upper, k = 0) => b.node("Trilu", k === 0 ? [x] : [x, ints(k)], { upper: upper ? 1 : 0 }),
    sum: reduce("ReduceSum"),
    mean: reduce("ReduceMean"),
    reduceMax: reduce("ReduceMax"),
    reduceMin: reduce("ReduceMin"),
    logSumExp: reduce("ReduceLogSumExp"),
    norm: reduce("ReduceL2"),
  };
}
