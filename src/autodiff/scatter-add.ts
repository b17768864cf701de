// Adds rows or elements of a gradient at indices that may repeat.
//
// ScatterElements and never ScatterND: ONNX Runtime splits ScatterND's updates among threads without a lock, so repeated
// indices lose some (onnxruntime issues 18048, 23396; seen here at 6,400 × 64 updates of 1,000 rows, 2 threads: off by
// .5). The price at that size is 1.5 ms for .13 ms; a one-hot Gemm takes 7.8 ms, and is faster up to some 50 rows only.

import type { Ops } from "../graph/ops.ts";
import { elements } from "../graph/tensor.ts";
import { placeAlong, zeros } from "./place.ts";

/** Zeros of `dims` with dy added along an axis at integer `ids`, of any shape, which stands in dy in the axis's place. */
export function scatterAdd(g: Ops, dims: readonly number[], axis: number, ids: string, dy: string): string {
  const before = dims.slice(0, axis);
  const after = dims.slice(axis + 1);
  const size = dims[axis]!;
  const count = elements(g.dims(ids));
  const rows = g.reshape(dy, [...before, count, ...after]);
  const known = g.known(ids);
  if (known) {
    const positions = Array.from(known.data as ArrayLike<number | bigint>, (id) => (Number(id) + size) % size);
    if (new Set(positions).size === positions.length) return placeAlong(g, rows, axis, size, positions);
  }
  const column = g.reshape(ids, [...before.map(() => 1), count, ...after.map(() => 1)]);
  const at = g.expand(column, g.dims(rows));
  return g.node("ScatterElements", [zeros(g, dims), at, rows], { axis, reduction: "add" });
}

/** Indices into a tensor of `dims` (the last axis of `ids` runs over them) as indices into its flat form, not negative. */
export function flatIndices(g: Ops, ids: string, dims: readonly number[]): string {
  const sizes = g.ints(...dims);
  const kind = g.type(ids).dtype;
  const whole = kind === "int64" ? ids : g.cast(ids, "int64");
  const positive = g.node("Mod", [whole, sizes]);
  const strides = dims.map((_, i) => elements(dims.slice(i + 1)));
  return g.sum(g.mul(positive, g.ints(...strides)), [-1]);
}
