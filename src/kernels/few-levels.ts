// Rows of a few levels with one scale each: the nearest levels and the best scale of numbers, and back.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";

/** Digits of a row are places in `levels`; all arrays in kernel memory. */
export interface LevelRows {
  readonly cols: number;
  /** Ascending. */
  readonly levels: Float32Array;
  /** rows × cols. */
  readonly digits: Uint8Array;
  /** One a row. */
  readonly scales: Float32Array;
}

/**
 * Fills digits and scales: the levels nearest to X / (rise · the row's root mean square), of 2 levels the sign, and then
 * the scale of least squared error.
 */
export function fitLevels(k: Kernels, X: Float32Array, rise: number, into: LevelRows): void {
  const { cols, levels, digits, scales } = checked(into, "X", X);
  k.exports["fitLevels"]!(
    ...[X.byteOffset, scales.length, cols, levels.byteOffset, levels.length, rise],
    ...[digits.byteOffset, scales.byteOffset],
  );
}

/** out[r,c] = scales[r] · levels[digits[r,c]]. */
export function levelRows(k: Kernels, from: LevelRows, out: Float32Array): void {
  const { cols, levels, digits, scales } = checked(from, "out", out);
  k.exports["levelRows"]!(
    ...[digits.byteOffset, scales.byteOffset, scales.length, cols, levels.byteOffset, out.byteOffset],
  );
}

function checked(rows: LevelRows, name: string, numbers: Float32Array): LevelRows {
  const { cols, levels, digits, scales } = rows;
  checkLength(name, numbers, scales.length * cols);
  checkLength("digits", digits, scales.length * cols);
  checkLength("levels", levels, levels.length);
  checkLength("scales", scales, scales.length);
  return rows;
}
