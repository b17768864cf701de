// What the passes int4-row and int2-row share. The search is the greedy one of FBGEMM's users (PyTorch's
// choose_qparams_optimized): take one step from the end of the range where the error grows less; keep the best range.

import { z } from "zod";
import { formatCount } from "../base/format.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { quantizeIntNRows } from "../kernels/quantize.ts";
import type { Encoded } from "../kinds/pass.ts";
import { packedRowBytes } from "../tables/packed-row.ts";
import type { Table } from "../tables/table.ts";
import { encodeDense, rangeOf } from "./dense-pass.ts";

/** Into how many steps a row's range is cut. For 2 bits 200 lower the error by .2 % only and take four times as long. */
const STEPS = { 4: 200, 2: 50 } as const;
/** Steps that the search may take in all: the usual shares of the range, .16 for 4 bits, .5 for 2. */
const MOST_STEPS = { 4: 32, 2: 25 } as const;
/** Rows this long of one vector would share a handful of levels. */
const LONGEST_ROW_ALONE = 256;
const HALF_MAX = 65504;

export const rangeOption = z
  .enum(["minmax", "search"])
  .default("search")
  .describe("minmax: from the least to the largest number of a row; search: clipped to the least squared error.");

/** Half a step of the widest row, what may be clipped, and the binary16 rounding of scale and bias. */
export function packedRowsTolerance(bits: 4 | 2, range: z.output<typeof rangeOption>, dense: Float32Array): number {
  const [min, max] = rangeOf(dense);
  const clipped = range === "search" ? MOST_STEPS[bits] / STEPS[bits] : 0;
  const rounding = (Math.max(-min, max) + (max - min)) * 2 ** -10 + 2 ** bits * 2 ** -25;
  return (max - min) * (clipped + 0.5 / (2 ** bits - 1)) + rounding;
}

/** A packed table; refuses one long vector and numbers beyond binary16. */
export function encodePackedRows(
  bits: 4 | 2,
  range: z.output<typeof rangeOption>,
  table: Table,
  kernels: Kernels,
): Promise<Encoded> {
  return encodeDense(table, ({ rows, cols }, data) => {
    if (rows === 1 && cols > LONGEST_ROW_ALONE) {
      return { refused: `its ${formatCount(cols)} numbers are one row and would share ${2 ** bits} levels` };
    }
    const [min, max] = rangeOf(data);
    if (Math.max(-min, max, max - min) > HALF_MAX) return { refused: "its range is beyond 16-bit floating point" };
    const scope = kernels.scope();
    try {
      const inside = scope.copy(data);
      if (range === "search") clipRows(inside, rows, cols, bits);
      const out = scope.u8(rows * packedRowBytes(cols, bits));
      quantizeIntNRows(kernels, inside, rows, cols, bits, out);
      return { encoding: `int${bits}-row`, rows, cols, tensors: { data: new Uint8Array(out) } };
    } finally {
      scope.free();
    }
  });
}

/** Clips each row in place to the range that the search finds. */
function clipRows(data: Float32Array, rows: number, cols: number, bits: 4 | 2): void {
  for (let r = 0; r < rows; r++) {
    const row = data.subarray(r * cols, (r + 1) * cols);
    const [low, high] = bestRange(row, bits);
    for (let c = 0; c < cols; c++) row[c] = Math.min(high, Math.max(low, row[c]!));
  }
}

function bestRange(row: Float32Array, bits: 4 | 2): readonly [low: number, high: number] {
  let [low, high] = rangeOf(row);
  const step = (high - low) / STEPS[bits];
  let best: readonly [number, number] = [low, high];
  let bestError = squaredError(row, low, high, bits);
  for (let taken = 0; taken < MOST_STEPS[bits] && step > 0; taken++) {
    const left = squaredError(row, low + step, high, bits);
    const right = squaredError(row, low, high - step, bits);
    if (left < right) low += step;
    else high -= step;
    if (Math.min(left, right) < bestError) {
      bestError = Math.min(left, right);
      best = [low, high];
    }
  }
  return best;
}

function squaredError(row: Float32Array, low: number, high: number, bits: 4 | 2): number {
  const most = 2 ** bits - 1;
  const scale = (high - low) / most;
  const inverse = 1 / scale;
  let error = 0;
  for (let c = 0; c < row.length; c++) {
    const level = (row[c]! - low) * inverse;
    const q = level <= 0 ? 0 : level >= most ? most : (level + 0.5) | 0;
    error += (level - q) * (level - q);
  }
  return error * scale * scale;
}
