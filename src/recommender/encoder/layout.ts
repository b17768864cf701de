// Operators of encoders that move numbers and change none.

import { front, size, strides, type Value, viewed } from "./value.ts";

export function transpose(x: Value, perm: readonly number[]): Value {
  const steps = strides(x.dims);
  return viewed(
    x,
    perm.map((axis) => x.dims[axis]!),
    perm.map((axis) => steps[axis]!),
  );
}

/** 0 keeps a dimension, -1 takes what is left. */
export function reshape(x: Value, wanted: readonly number[]): Value {
  const kept = wanted.map((d, i) => (d === 0 ? x.dims[i]! : d));
  const known = kept.reduce((n, d) => (d < 0 ? n : n * d), 1);
  return { dims: kept.map((d) => (d < 0 ? size(x.dims) / known : d)), data: x.data };
}

export function unsqueeze(x: Value, axes: readonly number[]): Value {
  const rank = x.dims.length + axes.length;
  const at = new Set(axes.map((axis) => front(axis, rank)));
  const rest = [...x.dims];
  return { dims: Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : rest.shift()!)), data: x.data };
}

export function squeeze(x: Value, axes: readonly number[] | undefined): Value {
  const at = new Set(
    (axes ?? x.dims.flatMap((d, i) => (d === 1 ? [i] : []))).map((axis) => front(axis, x.dims.length)),
  );
  return { dims: x.dims.filter((_, i) => !at.has(i)), data: x.data };
}

/** [start, end) along `axes`, forward, as ONNX's Slice counts and clamps. */
export function slice(x: Value, starts: readonly number[], ends: readonly number[], axes: readonly number[]): Value {
  const steps = strides(x.dims);
  const dims = [...x.dims];
  let offset = 0;
  axes.forEach((axis, i) => {
    const at = front(axis, dims.length);
    const length = x.dims[at]!;
    const clamp = (n: number) => Math.max(0, Math.min(length, n < 0 ? n + length : n));
    const start = clamp(starts[i]!);
    dims[at] = Math.max(0, clamp(ends[i]!) - start);
    offset += start * steps[at]!;
  });
  return viewed(x, dims, steps, offset);
}

export function gather(x: Value, ids: Value, axis: number): Value {
  const at = front(axis, x.dims.length);
  const [outer, inner] = [size(x.dims.slice(0, at)), size(x.dims.slice(at + 1))];
  const length = x.dims[at]!;
  const dims = [...x.dims.slice(0, at), ...ids.dims, ...x.dims.slice(at + 1)];
  const data = x.data instanceof Int32Array ? new Int32Array(size(dims)) : new Float32Array(size(dims));
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const id of ids.data) {
      const from = (o * length + front(id, length)) * inner;
      data.set(x.data.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return { dims, data };
}

export function concat(xs: readonly Value[], axis: number): Value {
  const at = front(axis, xs[0]!.dims.length);
  const outer = size(xs[0]!.dims.slice(0, at));
  const dims = xs[0]!.dims.map((d, i) => (i === at ? xs.reduce((n, x) => n + x.dims[at]!, 0) : d));
  const whole = xs.every(({ data }) => data instanceof Int32Array);
  const data = whole ? new Int32Array(size(dims)) : new Float32Array(size(dims));
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const x of xs) {
      const part = x.data.length / outer;
      data.set(x.data.subarray(o * part, (o + 1) * part), to);
      to += part;
    }
  }
  return { dims, data };
}
