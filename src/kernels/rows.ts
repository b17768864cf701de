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

/** The largest id, read as unsigned so that a negative one is larger than every row count; 0 for none. */
export function largestId(k: Kernels, ids: Int32Array): number {
  checkLength("ids", ids, ids.length);
  return k.exports["largestId"]!(ids.byteOffset, ids.length) >>> 0;
}

/** Throws RangeError unless `ids` lie in kernel memory and in [0, rows). */
export function checkIds(k: Kernels, what: string, ids: Int32Array, rows: number): void {
  checkLength(what, ids, ids.length);
  const largest = largestId(k, ids);
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

/** ids[t] = wide[t], an int64 as two int32 words; returns what largestId does, 2³²-1 where an id is no int32. */
export function narrowIds(k: Kernels, wide: Int32Array, ids: Int32Array): number {
  checkLength("ids", ids, ids.length);
  checkLength("wide", wide, 2 * ids.length);
  return k.exports["narrowIds"]!(wide.byteOffset, ids.byteOffset, ids.length) >>> 0;
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
