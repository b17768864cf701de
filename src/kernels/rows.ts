// Embedding rows of a table (rows × width) in kernel memory: gather, scatter-add, pooled sum; the last of packed rows too.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";
import { packedRowBytes } from "./quantize.ts";

/** The number of rows of a table; RangeError unless it is whole. */
export function rowCount(what: string, table: Float32Array, width: number): number {
  const rows = width > 0 ? table.length / width : 0;
  if (!Number.isInteger(rows)) throw new RangeError(`${what} has ${table.length} elements, no whole rows of ${width}`);
  return rows;
}

/** Throws RangeError unless `ids` lie in kernel memory and in [0, rows). */
export function checkIds(k: Kernels, what: string, ids: Int32Array, rows: number): void {
  checkLength(what, ids, ids.length);
  const largest = k.exports["largestId"]!(ids.byteOffset, ids.length) >>> 0;
  if (ids.length > 0 && largest >= rows) {
    throw new RangeError(`${what} must be below ${rows}, got ${largest | 0}`);
  }
}

/** out[t,:] = table[ids[t],:]; out is ids.length × width. */
export function gather(k: Kernels, table: Float32Array, ids: Int32Array, width: number, out: Float32Array): void {
  checkLength("table", table, rowCount("table", table, width) * width);
  checkIds(k, "ids", ids, rowCount("table", table, width));
  checkLength("out", out, ids.length * width);
  k.exports["gather"]!(table.byteOffset, ids.byteOffset, out.byteOffset, ids.length, width);
}

/** table[ids[t],:] += gradients[t,:] in the order of t; ids may repeat. */
export function scatterAdd(
  k: Kernels,
  gradients: Float32Array,
  ids: Int32Array,
  width: number,
  table: Float32Array,
): void {
  checkLength("table", table, rowCount("table", table, width) * width);
  checkIds(k, "ids", ids, rowCount("table", table, width));
  checkLength("gradients", gradients, ids.length * width);
  k.exports["scatterAdd"]!(gradients.byteOffset, ids.byteOffset, table.byteOffset, ids.length, width);
}

/** Gradients summed by row; `slots` rows of `touched` and `sums` are in use. The caller gives it room before each use. */
export interface RowSums {
  readonly width: number;
  /** One number for each row of the table: its slot plus 1, or 0. */
  readonly slotOf: Int32Array;
  /** The rows that have a slot, in the order in which they were met. */
  readonly touched: Int32Array;
  readonly sums: Float32Array;
  slots: number;
}

/** Adds gradients[t,:] to the sum of row ids[t], in the order of t; ids may repeat. */
export function addRows(k: Kernels, into: RowSums, ids: Int32Array, gradients: Float32Array): void {
  const { width, slotOf, touched, sums, slots } = into;
  checkLength("slotOf", slotOf, slotOf.length);
  checkIds(k, "ids", ids, slotOf.length);
  checkLength("gradients", gradients, ids.length * width);
  checkLength("sums", sums, touched.length * width);
  if (touched.length < Math.min(slotOf.length, slots + ids.length)) {
    throw new RangeError(`touched must have room for ${slots + ids.length} rows, has ${touched.length}`);
  }
  into.slots = k.exports["addSlots"]!(
    ...[gradients.byteOffset, ids.byteOffset, slotOf.byteOffset, touched.byteOffset, sums.byteOffset],
    ...[slots, ids.length, width],
  );
}

/** Forgets all sums, at the cost of the rows that had one. */
export function clearRows(k: Kernels, from: RowSums): void {
  k.exports["clearSlots"]!(from.slotOf.byteOffset, from.touched.byteOffset, from.slots);
  from.slots = 0;
}

/** Σ x² in float64, in a fixed order. */
export function sumSquares(k: Kernels, x: Float32Array): number {
  checkLength("x", x, x.length);
  return k.exports["sumSquares"]!(x.byteOffset, x.length);
}

/** out[:] = Σ_t table[ids[t],:], one pooled row; zero for no ids. */
export function gatherSum(k: Kernels, table: Float32Array, ids: Int32Array, width: number, out: Float32Array): void {
  checkLength("table", table, rowCount("table", table, width) * width);
  checkIds(k, "ids", ids, rowCount("table", table, width));
  checkLength("out", out, width);
  k.exports["gatherSum"]!(table.byteOffset, ids.byteOffset, out.byteOffset, ids.length, width);
}

/** out[:] = Σ_t (dequantised row ids[t]): gatherSum over FBGEMM's rows, the same bits as over their float32 numbers. */
export function gatherSumPacked(
  k: Kernels,
  bits: 8 | 4,
  packed: Uint8Array,
  ids: Int32Array,
  width: number,
  out: Float32Array,
): void {
  const stride = packedRowBytes(width, bits);
  const rows = Math.floor(packed.length / stride);
  checkLength("packed", packed, rows * stride);
  checkIds(k, "ids", ids, rows);
  checkLength("out", out, width);
  k.exports["gatherSumPacked"]!(packed.byteOffset, ids.byteOffset, out.byteOffset, ids.length, width, bits);
}
