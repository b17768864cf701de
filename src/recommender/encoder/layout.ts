// Operators of encoders that move numbers and change none.

import { axisOf, fresh, isWhole, refuse, shown, size, strides, type Value, viewed } from "./value.ts";

/** Without `perm` the axes are turned around. */
export function transpose(x: Value, perm: readonly number[] = [...x.dims.keys()].reverse()): Value {
  const steps = strides(x.dims);
  const order = perm.map((axis) => axisOf("Transpose", axis, x.dims.length));
  if (new Set(order).size !== x.dims.length) refuse("Transpose", `of ${shown(x)} has perm [${perm.join(", ")}]`);
  return viewed(
    "Transpose",
    x,
    order.map((axis) => x.dims[axis]!),
    order.map((axis) => steps[axis]!),
  );
}

/** 0 keeps a dimension, -1 takes what is left. */
export function reshape(x: Value, wanted: readonly number[]): Value {
  const kept = wanted.map((d, i) => (d === 0 ? (x.dims[i] ?? Number.NaN) : d));
  const known = kept.reduce((n, d) => (d < 0 ? n : n * d), 1);
  const dims = kept.map((d) => (d === -1 ? size(x.dims) / known : d));
  if (size(dims) !== size(x.dims) || !dims.every((d) => Number.isInteger(d) && d >= 0)) {
    refuse("Reshape", `of ${shown(x)} to [${wanted.join(", ")}] is impossible`);
  }
  return { dims, data: x.data };
}

export function unsqueeze(x: Value, axes: readonly number[]): Value {
  const rank = x.dims.length + axes.length;
  const at = new Set(axes.map((axis) => axisOf("Unsqueeze", axis, rank)));
  if (at.size < axes.length) refuse("Unsqueeze", `names an axis twice: [${axes.join(", ")}]`);
  const rest = [...x.dims];
  return { dims: Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : rest.shift()!)), data: x.data };
}

export function squeeze(x: Value, axes: readonly number[] | undefined): Value {
  const ones = x.dims.flatMap((d, i) => (d === 1 ? [i] : []));
  const at = new Set((axes ?? ones).map((axis) => axisOf("Squeeze", axis, x.dims.length)));
  if ([...at].some((i) => x.dims[i] !== 1))
    refuse("Squeeze", `of ${shown(x)} at [${[...at].join(", ")}] loses numbers`);
  return { dims: x.dims.filter((_, i) => !at.has(i)), data: x.data };
}

/** Every `step`-th of [start, end) along `axes`, forward, as ONNX's Slice counts and clamps. */
export function slice(
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = [...starts.keys()],
  every: readonly number[] = starts.map(() => 1),
): Value {
  const steps = strides(x.dims);
  const dims = [...x.dims];
  let offset = 0;
  axes.forEach((axis, i) => {
    const at = axisOf("Slice", axis, dims.length);
    const [length, step] = [x.dims[at]!, every[i] ?? 0];
    const clamp = (n = Number.NaN) => Math.max(0, Math.min(length, n < 0 ? n + length : n));
    const [start, end] = [clamp(starts[i]), clamp(ends[i])];
    if (step < 1) refuse("Slice", `runs in steps of ${step}`);
    dims[at] = Math.max(0, Math.ceil((end - start) / step));
    offset += start * steps[at]!;
    steps[at]! *= step;
  });
  return viewed("Slice", x, dims, steps, offset);
}

export function gather(x: Value, ids: Value, axis: number): Value {
  const at = axisOf("Gather", axis, x.dims.length);
  const [outer, inner] = [size(x.dims.slice(0, at)), size(x.dims.slice(at + 1))];
  const length = x.dims[at]!;
  const dims = [...x.dims.slice(0, at), ...ids.dims, ...x.dims.slice(at + 1)];
  const data = fresh("Gather", dims, isWhole(x));
  let to = 0;
  for (let o = 0; o < outer; o++) {
    for (const id of ids.data) {
      const row = id < 0 ? id + length : id;
      if (!(row >= 0 && row < length)) refuse("Gather", `reads row ${id} of ${length}`);
      const from = (o * length + row) * inner;
      data.set(x.data.subarray(from, from + inner), to);
      to += inner;
    }
  }
  return { dims, data };
}

export function concat(xs: readonly Value[], axis: number): Value {
  const first = xs[0]!.dims;
  const at = axisOf("Concat", axis, first.length);
  const fits = ({ dims }: Value) => dims.length === first.length && dims.every((d, i) => i === at || d === first[i]);
  if (!xs.every(fits)) refuse("Concat", `of ${xs.map(shown).join(", ")} along axis ${axis} is impossible`);
  const outer = size(first.slice(0, at));
  const dims = first.map((d, i) => (i === at ? xs.reduce((n, x) => n + x.dims[at]!, 0) : d));
  const data = fresh("Concat", dims, xs.every(isWhole));
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
