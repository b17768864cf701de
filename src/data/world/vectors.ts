// Small dense vectors laid row after row in one array.

import type { Rng } from "../../base/rng.ts";

/** rows × cols standard normal numbers. */
export function gaussian(rows: number, cols: number, rng: Rng): Float32Array {
  return Float32Array.from({ length: rows * cols }, () => rng.normal());
}

/** Scales each row of `cols` to unit length, in place. */
export function normalizeRows(rows: Float32Array, cols: number): Float32Array {
  for (let from = 0; from < rows.length; from += cols) {
    let sum = 0;
    for (let c = 0; c < cols; c++) sum += rows[from + c]! ** 2;
    const scale = 1 / Math.sqrt(sum || 1);
    for (let c = 0; c < cols; c++) rows[from + c]! *= scale;
  }
  return rows;
}

/** The dot product of row a of `left` and row b of `right`. */
export function dotRows(left: Float32Array, a: number, right: Float32Array, b: number, cols: number): number {
  let sum = 0;
  for (let c = 0, l = a * cols, r = b * cols; c < cols; c++) sum += left[l + c]! * right[r + c]!;
  return sum;
}
