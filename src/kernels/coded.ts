// Products with rows of byte codes, and sums of them: each byte names one of 256 vectors of a codebook. A query meets
// the codebooks once; a row is then a sum of looked-up numbers (asymmetric distances: Jégou, Douze & Schmid, 2011).

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";
import { checkIds } from "./rows.ts";

/** Rows of `parts` bytes; for the kernels all arrays lie in kernel memory. The vectors lie `step` numbers apart in a row; 0: they add up. */
export interface CodedRows {
  /** rows × parts. */
  readonly codes: Uint8Array;
  readonly parts: number;
  /** One codebook for each part, or one for all: 256 × sub numbers each. */
  readonly book: Float32Array;
  readonly sub: number;
  readonly step: number;
  /** One number a row; 1 without. */
  readonly scales?: Float32Array;
}

/** Numbers of a row, those included that only fill up the last vector. */
export const codedWidth = ({ parts, step, sub }: Omit<CodedRows, "codes" | "book">): number =>
  parts === 0 ? 0 : (parts - 1) * step + sub;

/** Bytes of the look-ups that scanCodes takes. */
export const lookupBytes = (parts: number): number => parts * 1024;

/** out[r] = query · row r; query has codedWidth numbers, lookups lookupBytes(parts) / 4. */
export function scanCodes(
  k: Kernels,
  rows: CodedRows,
  query: Float32Array,
  lookups: Float32Array,
  out: Float32Array,
): void {
  const { codes, parts, book, sub, step } = rows;
  const [stride, scale] = checked(rows, out.length);
  checkLength("query", query, codedWidth(rows));
  checkLength("lookups", lookups, parts * 256);
  checkLength("out", out, out.length);
  k.exports["codeProducts"]!(query.byteOffset, book.byteOffset, parts, stride, sub, step, lookups.byteOffset);
  k.exports["scanCodes"]!(lookups.byteOffset, codes.byteOffset, scale, out.length, parts, out.byteOffset);
}

/** out[:] = Σ_t row ids[t]; out has codedWidth numbers. */
export function gatherSumCodes(k: Kernels, rows: CodedRows, ids: Int32Array, out: Float32Array): void {
  const { codes, parts, book, sub, step } = rows;
  const count = parts === 0 ? 0 : codes.length / parts;
  const [stride, scale] = checked(rows, count);
  checkIds(k, "ids", ids, count);
  checkLength("out", out, codedWidth(rows));
  out.fill(0);
  k.exports["gatherSumCodes"]!(
    ...[codes.byteOffset, scale, ids.byteOffset, ids.length, parts],
    ...[book.byteOffset, stride, sub, step, out.byteOffset],
  );
}

function checked({ codes, parts, book, sub, scales }: CodedRows, rows: number): [stride: number, scales: number] {
  checkLength("codes", codes, rows * parts);
  const shared = book.length === 256 * sub;
  checkLength("book", book, shared ? book.length : parts * 256 * sub);
  if (scales) checkLength("scales", scales, rows);
  return [shared ? 0 : 256 * sub, scales?.byteOffset ?? 0];
}
