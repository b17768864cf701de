// What passes make of float32 numbers, in operators of a graph: training multiplies by it. Plain operators, so that no
// fusion takes the products of a training for those of a quantised graph.
//
//     layers in 8 bits   s q,  q = round(w / s),  s = max |w| / 127 (64) of an output
//     rows in 8 bits     min + q (max - min) / 255,  q = round((x - min) · 255 / (max - min + 1e-8))
//     rows in b bits     bias + q s,  q = clip(round((x - bias) / s)),  bias = half(min), s = half((max - bias) / (2ᵇ - 1)),
//                        of x clipped to the middle of its row's range that leaves the least Σ (x - what is kept)²

import type { Builder } from "../graph/builder.ts";
import { dtypeCode } from "../graph/infer/dtypes.ts";
import { float32, int64 } from "../graph/tensor.ts";
import type { WeightOptions } from "./int8/weights.ts";

const number = (b: Builder, value: number) => b.constant("number", float32([], Float32Array.of(value)));
const orOne = (b: Builder, scale: string) =>
  b.node("Where", [b.node("Equal", [scale, number(b, 0)]), number(b, 1), scale]);
const over = (b: Builder, op: string, value: string, axes: readonly number[]) =>
  b.node(op, axes.length > 0 ? [value, b.constant("axes", int64(...axes))] : [value], { keepdims: 1 });

/** A layer's weight of two dimensions in 8 bits (int8/weights.ts). */
export function projectInt8(
  b: Builder,
  weight: string,
  axis: number,
  { perChannel, reduceRange }: WeightOptions,
): string {
  const levels = reduceRange ? 64 : 127;
  const most = over(b, "ReduceMax", b.node("Abs", [weight]), perChannel ? [1 - axis] : []);
  const scale = orOne(b, b.node("Div", [most, number(b, levels)]));
  const q = b.node("Round", [b.node("Div", [weight, scale])]);
  const within = b.node("Clip", [q, number(b, -levels), number(b, levels)]);
  return b.node("Mul", [within, scale]);
}

/** Rows along the last axis as int8-row keeps them. */
export function projectInt8Rows(b: Builder, rows: string): string {
  const [low, high] = [over(b, "ReduceMin", rows, [-1]), over(b, "ReduceMax", rows, [-1])];
  const range = b.node("Sub", [high, low]);
  const inverse = b.node("Div", [number(b, 255), b.node("Add", [range, number(b, 1e-8)])]);
  const q = b.node("Round", [b.node("Mul", [b.node("Sub", [rows, low]), inverse])]);
  const within = b.node("Clip", [q, number(b, 0), number(b, 255)]);
  return b.node("Add", [b.node("Mul", [within, b.node("Div", [range, number(b, 255)])]), low]);
}

/** Shares of a row's range that are tried, where it may be clipped for a smaller squared error. */
const triedShares = { 4: [1, 0.92, 0.84], 2: [1, 0.9, 0.8, 0.7, 0.6, 0.5] } as const;

/** Rows along the last axis as int4-row and int2-row keep them, over their whole range or the best middle of it. */
export function projectPackedRows(b: Builder, rows: string, bits: 4 | 2, range: "minmax" | "search"): string {
  const [low, high] = [over(b, "ReduceMin", rows, [-1]), over(b, "ReduceMax", rows, [-1])];
  const width = b.node("Sub", [high, low]);
  const tried = triedShares[bits].slice(0, range === "search" ? undefined : 1).map((share) => {
    const margin = b.node("Mul", [width, number(b, (1 - share) / 2)]);
    const [from, to] = [b.node("Add", [low, margin]), b.node("Sub", [high, margin])];
    const made = packedRows(b, b.node("Max", [b.node("Min", [rows, to]), from]), bits);
    const off = b.node("Sub", [made, rows]);
    return { made, error: over(b, "ReduceSum", b.node("Mul", [off, off]), [-1]) };
  });
  return tried.reduce((best, one) => {
    const better = b.node("Less", [one.error, best.error]);
    const pick = (a: string, otherwise: string) => b.node("Where", [better, a, otherwise]);
    return { made: pick(one.made, best.made), error: pick(one.error, best.error) };
  }).made;
}

function packedRows(b: Builder, rows: string, bits: 4 | 2): string {
  const half = (value: string) =>
    b.node("Cast", [b.node("Cast", [value], { to: dtypeCode.float16 })], { to: dtypeCode.float32 });
  const most = number(b, 2 ** bits - 1);
  const bias = half(over(b, "ReduceMin", rows, [-1]));
  const range = b.node("Sub", [over(b, "ReduceMax", rows, [-1]), bias]);
  const scale = orOne(b, half(b.node("Div", [range, most])));
  const q = b.node("Round", [b.node("Mul", [b.node("Sub", [rows, bias]), b.node("Div", [number(b, 1), scale])])]);
  return b.node("Add", [b.node("Mul", [b.node("Clip", [q, number(b, 0), most]), scale]), bias]);
}
