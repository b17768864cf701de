// Dot products of one float32 query with every row of a table of float32, FBGEMM int8 or FBGEMM int4 rows.
// The query of a packed scan is not quantised: it becomes a 30-bit fixed-point number relative to its largest element,
// finer than float32 there, and the sums are exact integers, so a result does not depend on the order of summing.

import { checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";
import type { Scope } from "./memory.ts";
import { packedRowBytes } from "./quantize.ts";

type Call = (start: number, end: number) => number[];

const kernelOf = { 8: "scanInt8", 4: "scanInt4" } as const;

/** out[i] = query · table[i,:] for i in [start, end); table is rows × width, out has rows elements. */
export function scanF32(
  k: Kernels,
  query: Float32Array,
  table: Float32Array,
  rows: number,
  width: number,
  out: Float32Array,
  start: number = 0,
  end: number = rows,
): void {
  k.exports["scanF32"]!(...callF32(query, table, rows, width, out)(...within(start, end, rows)));
}

/** scanF32 over all rows on all threads, the same bits. */
export function scanF32Parallel(
  k: Kernels,
  query: Float32Array,
  table: Float32Array,
  rows: number,
  width: number,
  out: Float32Array,
): Promise<void> {
  const call = callF32(query, table, rows, width, out);
  return k.parallel(
    "scanF32",
    ranges(rows, parts(k)).map(([start, end]) => call(start, end)),
  );
}

/** out[i] = query · (dequantised row i) for i in [start, end); `packed` is rows × packedRowBytes(width, bits) bytes. */
export function scanPacked(
  k: Kernels,
  bits: 8 | 4,
  query: Float32Array,
  packed: Uint8Array,
  rows: number,
  width: number,
  out: Float32Array,
  start: number = 0,
  end: number = rows,
): void {
  const scope = k.scope();
  try {
    k.exports[kernelOf[bits]]!(
      ...callPacked(scope, bits, query, packed, rows, width, out)(...within(start, end, rows)),
    );
  } finally {
    scope.free();
  }
}

/** scanPacked over all rows on all threads, the same bits. */
export async function scanPackedParallel(
  k: Kernels,
  bits: 8 | 4,
  query: Float32Array,
  packed: Uint8Array,
  rows: number,
  width: number,
  out: Float32Array,
): Promise<void> {
  const scope = k.scope();
  try {
    const call = callPacked(scope, bits, query, packed, rows, width, out);
    await k.parallel(
      kernelOf[bits],
      ranges(rows, parts(k)).map(([start, end]) => call(start, end)),
    );
  } finally {
    scope.free();
  }
}

function within(start: number, end: number, rows: number): [start: number, end: number] {
  if (start < 0 || end > rows || start > end) throw new RangeError(`[${start}, ${end}) is no range of ${rows} rows`);
  return [start, end];
}

function callF32(query: Float32Array, table: Float32Array, rows: number, width: number, out: Float32Array): Call {
  checkLength("query", query, width);
  checkLength("table", table, rows * width);
  checkLength("out", out, rows);
  return (start, end) => [query.byteOffset, table.byteOffset, start, end, width, out.byteOffset];
}

function callPacked(
  scope: Scope,
  bits: 8 | 4,
  query: Float32Array,
  packed: Uint8Array,
  rows: number,
  width: number,
  out: Float32Array,
): Call {
  const stride = packedRowBytes(width, bits);
  if (query.length !== width) throw new RangeError(`query must have ${width} elements, got ${query.length}`);
  checkLength("packed", packed, rows * stride);
  checkLength("out", out, rows);
  const { unit, sum, words } = fixedPoint(query, bits);
  const at = scope.copy(words).byteOffset;
  return (start, end) => [
    ...[at, unit, sum, packed.byteOffset, start, end, width, out.byteOffset],
    scope.u8(stride + 16).byteOffset,
  ];
}

/** q ≈ unit·(hi·2¹⁵ + lo), hi and lo as int16 in the order in which the kernel for `bits` reads them. */
function fixedPoint(query: Float32Array, bits: 8 | 4): { unit: number; sum: number; words: Uint8Array } {
  const chunk = bits === 8 ? 16 : 32;
  const words = new Int16Array(2 * chunk * Math.ceil(query.length / chunk));
  let [largest, sum] = [0, 0];
  for (const q of query) {
    largest = Math.max(largest, Math.abs(q));
    sum += q;
  }
  if (!Number.isFinite(sum) || largest === 0) {
    return { unit: Number.isFinite(sum) ? 0 : Number.NaN, sum, words: new Uint8Array(words.buffer) };
  }
  const unit = largest / 2 ** 29;
  query.forEach((q, i) => {
    const value = Math.round(q / unit);
    const high = (value + 2 ** 14) >> 15;
    const [start, within] = [Math.floor(i / chunk) * 2 * chunk, i % chunk];
    const lanes = chunk / 8;
    const place = start + (within % lanes) * 8 + Math.floor(within / lanes);
    words[place] = high;
    words[place + chunk] = value - high * 2 ** 15;
  });
  return { unit, sum, words: new Uint8Array(words.buffer) };
}
