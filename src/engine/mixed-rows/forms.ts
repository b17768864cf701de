// The forms that a band of rows may take, and what each takes in bytes.

import type { Kernels } from "../../kernels/kernels.ts";
import { int8RowBytes } from "../../tables/int8-row.ts";
import { levelsRowBytes } from "../../tables/levels-row.ts";
import type { Table } from "../../tables/table.ts";
import { halfRows, int8Rows, levelRows } from "../row-encodings.ts";

export interface Form {
  bytes(rows: number, cols: number): number;
  /** `dense` is float32. */
  encode(kernels: Kernels, dense: Table): Table;
}

const few = (levels: number): Form => ({
  // A byte of scale a row; the levels and the scales' range beside.
  bytes: (rows, cols) => rows * (levelsRowBytes(cols, levels) + 1) + 2 * levels + 8,
  encode: (kernels, dense) => levelRows(kernels, dense, { levels, learn: true, scales: "u8", unbiased: true }),
});

/** The smallest first. */
export const forms: readonly Form[] = [
  ...[2, 3, 4, 6, 16].map(few),
  { bytes: (rows, cols) => rows * int8RowBytes(cols), encode: int8Rows },
  { bytes: (rows, cols) => 2 * rows * cols, encode: halfRows },
];
