// levels-row: every number is one of 2 to 16 levels, times its row's scale:  x = scale · levels[digit]. A row is its
// digits, base L, as many to a byte as fit, the first the least: 8 of 2 levels, 5 of 3, 4 of 4, 3 of 6, 2 of 16.
// `levels` are float16; `scales` as in row-scales.ts.

import { UserError } from "../base/errors.ts";
import type { CodedRows } from "../kernels/coded.ts";
import { codedRows } from "./coded.ts";
import { describeTable, expectTensors } from "./encoding.ts";
import { fromHalf } from "./half.ts";
import { type RowScales, readScales, scalesExpected } from "./row-scales.ts";
import type { Table } from "./table.ts";

const MOST_LEVELS = 16;

export const levelsRow = codedRows({
  check(table) {
    const levels = table.tensors["levels"]?.length ?? 0;
    expectTensors(table, {
      levels: { type: [Uint16Array] },
      data: { type: [Uint8Array], length: table.rows * levelsRowBytes(table.cols, Math.max(2, levels)) },
      ...scalesExpected(table),
    });
    if (levels >= 2 && levels <= MOST_LEVELS) return;
    throw new UserError(`${describeTable(table)}: it has 2 to ${MOST_LEVELS} levels, got ${levels}; seal it again.`);
  },
  rows(table, from, to): CodedRows {
    const levels = Float32Array.from(table.tensors["levels"] as Uint16Array, fromHalf);
    const parts = levelsRowBytes(table.cols, levels.length);
    const codes = (table.tensors["data"] as Uint8Array).subarray(from * parts, to * parts);
    return { ...ofDigits(codes, parts, levels), scales: readScales(table, from, to) };
  },
});

/** Rows of `parts` bytes of digits; the vector of a byte is its digits' levels. */
export function ofDigits(codes: Uint8Array, parts: number, levels: Float32Array): CodedRows {
  const sub = digitsInByte(levels.length);
  const book = new Float32Array(256 * sub);
  for (let byte = 0; byte < 256; byte++) {
    for (let i = 0, rest = byte; i < sub; i++, rest = Math.floor(rest / levels.length)) {
      book[byte * sub + i] = levels[rest % levels.length]!;
    }
  }
  return { codes, parts, book, sub, step: sub };
}

/** Digits of base `levels` that fit in a byte. */
export function digitsInByte(levels: number): number {
  let digits = 0;
  for (let most = levels; most <= 256; most *= levels) digits++;
  return digits;
}

/** Bytes of one row without its scale. */
export const levelsRowBytes = (cols: number, levels: number): number => Math.ceil(cols / digitsInByte(levels));

/** The table of the numbers scale · levels[indices[i]]; levels are float16 bits. */
export function levelsRowTable(
  rows: number,
  cols: number,
  levels: Uint16Array,
  scales: RowScales,
  indices: Uint8Array,
): Table {
  const data = packDigits(rows, cols, levels.length, indices);
  return { encoding: "levels-row", rows, cols, tensors: { levels, data, ...scales } };
}

/** Rows of digits of base `base`, as many to a byte as fit, the first the least. */
export function packDigits(rows: number, cols: number, base: number, indices: Uint8Array): Uint8Array {
  const sub = digitsInByte(base);
  const parts = levelsRowBytes(cols, base);
  const data = new Uint8Array(rows * parts);
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < cols; c += sub) {
      let byte = 0;
      for (let i = Math.min(cols, c + sub) - 1; i >= c; i--) byte = byte * base + indices[row * cols + i]!;
      data[row * parts + c / sub] = byte;
    }
  }
  return data;
}
