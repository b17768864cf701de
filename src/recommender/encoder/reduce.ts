// Operators of encoders that fold an axis: sums, means, softmax, layer normalisation.

import { axisOf, floats, refuse, shown, size, strides, type Value, walk } from "./value.ts";

/** What a total starts from, how a number joins it, and what `count` of them make. */
interface Fold {
  readonly start: number;
  join(total: number, x: number): number;
  end(total: number, count: number): number;
}

const sum: Fold = { start: 0, join: (total, x) => total + x, end: (total) => total };

export const folds: Readonly<Record<string, Fold>> = {
  ReduceL2: { ...sum, join: (total, x) => total + x * x, end: Math.sqrt },
  ReduceMax: { ...sum, start: Number.NEGATIVE_INFINITY, join: Math.max },
  ReduceMean: { ...sum, end: (total, count) => total / count },
  ReduceSum: sum,
};

/** Folds `axes` (all of them where there are none) in float64, reading x from front to back. */
export function reduce(op: string, x: Value, axes: readonly number[], keep: boolean, fold: Fold): Value {
  const rank = x.dims.length;
  const data = floats(op, x);
  const gone = new Set(axes.length ? axes.map((axis) => axisOf(op, axis, rank)) : x.dims.keys());
  const kept = x.dims.map((d, i) => (gone.has(i) ? 1 : d));
  const steps = strides(kept).map((step, i) => (gone.has(i) ? 0 : step));
  const totals = new Float64Array(size(kept)).fill(fold.start);
  // The last axis runs in a loop of its own, of a step of 0 or 1.
  const [inner, by] = [x.dims.at(-1) ?? 1, steps.at(-1) ?? 0];
  let from = 0;
  walk(x.dims.slice(0, -1), steps.slice(0, -1), (to) => {
    const end = from + inner;
    // Sums, which pool histories, without a call for each number.
    if (fold.join === sum.join) for (let i = from, t = to; i < end; i++, t += by) totals[t]! += data[i]!;
    else for (let i = from, t = to; i < end; i++, t += by) totals[t] = fold.join(totals[t]!, data[i]!);
    from = end;
  });
  const count = data.length / totals.length;
  const out = Float32Array.from(totals, (total) => fold.end(total, count));
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
