// Operators of encoders that fold an axis: sums, means, softmax, layer normalisation.

import { axisOf, floats, refuse, shown, size, strides, type Value, viewed } from "./value.ts";

type Fold = (values: Float32Array) => number;

const sum: Fold = (values) => {
  let total = 0;
  for (const x of values) total += x;
  return total;
};

export const folds: Readonly<Record<string, Fold>> = {
  ReduceL2: (values) => Math.sqrt(sum(values.map((x) => x * x))),
  ReduceMax: (values) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  ReduceMean: (values) => sum(values) / values.length,
  ReduceSum: sum,
};

/** Folds `axes` (all of them where there are none). */
export function reduce(op: string, x: Value, axes: readonly number[], keep: boolean, fold: Fold): Value {
  const rank = x.dims.length;
  const gone = new Set(axes.length ? axes.map((axis) => axisOf(op, axis, rank)) : x.dims.keys());
  const order = [...x.dims.keys()].filter((i) => !gone.has(i));
  const folded = [...x.dims.keys()].filter((i) => gone.has(i));
  const steps = strides(x.dims);
  const all = [...order, ...folded];
  const moved = viewed(
    op,
    x,
    all.map((i) => x.dims[i]!),
    all.map((i) => steps[i]!),
  );
  const width = size(folded.map((i) => x.dims[i]!));
  const data = floats(op, moved);
  const out = new Float32Array(size(order.map((i) => x.dims[i]!)));
  for (let r = 0; r < out.length; r++) out[r] = fold(data.subarray(r * width, (r + 1) * width));
  return { dims: x.dims.flatMap((d, i) => (gone.has(i) ? (keep ? [1] : []) : [d])), data: out };
}

/** Along the last axis. */
export function softmax(x: Value): Value {
  const { dims } = x;
  const data = floats("Softmax", x);
  const width = dims.at(-1) ?? 1;
  const out = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += width) {
    let top = Number.NEGATIVE_INFINITY;
    for (let i = from; i < from + width; i++) top = Math.max(top, data[i]!);
    let total = 0;
    for (let i = from; i < from + width; i++) {
      out[i] = Math.exp(data[i]! - top);
      total += out[i]!;
    }
    for (let i = from; i < from + width; i++) out[i]! /= total;
  }
  return { dims, data: out };
}

/** (x - mean) / √(variance + epsilon) · scale + bias along the last axis. */
export function layerNormalization(x: Value, scale: Value, bias: Value | undefined, epsilon: number): Value {
  const { dims } = x;
  const data = floats("LayerNormalization", x);
  const width = dims.at(-1) ?? 1;
  for (const own of bias ? [scale, bias] : [scale]) {
    if (own.data.length !== width) refuse("LayerNormalization", `of ${shown(x)} has a weight of ${shown(own)}`);
  }
  const out = new Float32Array(data.length);
  for (let from = 0; from < data.length; from += width) {
    let mean = 0;
    for (let i = from; i < from + width; i++) mean += data[i]!;
    mean /= width;
    let variance = 0;
    for (let i = from; i < from + width; i++) variance += (data[i]! - mean) ** 2;
    const inverse = 1 / Math.sqrt(variance / width + epsilon);
    for (let i = 0; i < width; i++) {
      out[from + i] = (data[from + i]! - mean) * inverse * scale.data[i]! + (bias?.data[i] ?? 0);
    }
  }
  return { dims, data: out };
}
