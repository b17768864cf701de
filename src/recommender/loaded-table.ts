// A table in kernel memory, as requests scan and pool it.

import { type CodedRows, codedWidth, gatherSumCodes, lookupBytes, scanCodes } from "../kernels/coded.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { packedRowBytes } from "../kernels/quantize.ts";
import { gatherSum, gatherSumPacked } from "../kernels/rows.ts";
import { scanF32, scanPacked } from "../kernels/scan.ts";
import { checkTable, codesOf, decodeTable } from "../tables/decode.ts";
import { readKept } from "../tables/kept-numbers.ts";
import { bandOfRows, rowsByBand } from "../tables/mixed-rows.ts";
import type { Table } from "../tables/table.ts";
import { rotationOf } from "../tables/turned.ts";

/** Bits of a number in the encodings whose packed rows kernels read as they are. */
const packedBits: ReadonlyMap<string, 8 | 4> = new Map([
  ["int8-row", 8],
  ["int4-row", 4],
]);

/** A table in kernel memory: its own bytes where kernels read them packed, else float32. */
export interface Loaded {
  scan(query: Float32Array, out: Float32Array): void;
  pool(rows: Int32Array, out: Float32Array): void;
}

/** The byte codes of a table whose bytes stand for several numbers each: a look-up costs more than one product. */
function scannedCodes(table: Table): CodedRows | undefined {
  const coded = codesOf(table);
  return coded && coded.sub > 1 ? coded : undefined;
}

/** Kernel memory of a table that is scanned or pooled. */
export function loadedBytes(table: Table): number {
  const { rows, cols, encoding, bands } = table;
  // Beside each band its scores or the vector of its pool, and the places of pooled rows.
  if (bands) {
    return (
      bands.reduce((sum, one) => sum + loadedBytes(one) + 4 * (one.rows + cols), 0) + 4 * rows + 64 * 4 * bands.length
    );
  }
  if (encoding === "turned") return loadedBytes(table.values!) + 64 + 4 * (2 * cols * cols + cols) + 3 * 64;
  const coded = scannedCodes(table);
  if (coded) {
    const { codes, parts, book, scales } = coded;
    const numbers = book.length + (scales?.length ?? 0) + 2 * codedWidth(coded);
    return codes.length + lookupBytes(parts) + 4 * numbers + 5 * 64;
  }
  const bits = packedBits.get(encoding);
  return rows * (bits ? packedRowBytes(cols, bits) : 4 * cols);
}

export function load(kernels: Kernels, table: Table, scope: Scope): Loaded {
  const { rows, cols } = table;
  if (table.bands) return loadBands(kernels, table, table.bands, scope);
  if (table.encoding === "turned") return loadTurned(kernels, table, table.values!, scope);
  const bits = packedBits.get(table.encoding);
  if (bits) {
    const data = scope.copy(table.tensors["data"] as Uint8Array);
    return {
      scan: (query, out) => scanPacked(kernels, bits, query, data, rows, cols, out),
      pool: (ids, out) => gatherSumPacked(kernels, bits, data, ids, cols, out),
    };
  }
  const coded = scannedCodes(table);
  if (coded) {
    const { scales } = coded;
    const own = { ...coded, codes: scope.copy(coded.codes), book: scope.copy(coded.book) };
    const inside = scales ? { ...own, scales: scope.copy(scales) } : own;
    const lookups = scope.f32(lookupBytes(coded.parts) / 4);
    const [wide, sum] = [scope.f32(codedWidth(coded)), scope.f32(codedWidth(coded))];
    return {
      scan(query, out) {
        wide.set(query);
        scanCodes(kernels, inside, wide, lookups, out);
      },
      pool(ids, out) {
        gatherSumCodes(kernels, inside, ids, sum);
        out.set(sum.subarray(0, cols));
      },
    };
  }
  const data = scope.copy(decodeTable(table));
  return {
    scan: (query, out) => scanF32(kernels, query, data, rows, cols, out),
    pool: (ids, out) => gatherSum(kernels, data, ids, cols, out),
  };
}

/** The rows within as they are: with R the rotation  q · (x R) = (R q) · x,  and pools are turned once. */
function loadTurned(kernels: Kernels, table: Table, values: Table, scope: Scope): Loaded {
  checkTable(table);
  const d = table.cols;
  const inner = load(kernels, values, scope);
  const numbers = readKept(rotationOf(table));
  const rotation = scope.copy(numbers);
  const back = scope.copy(numbers.map((_, i) => numbers[(i % d) * d + Math.floor(i / d)]!));
  const vector = scope.f32(d);
  return {
    scan(query, out) {
      scanF32(kernels, query, rotation, d, d, vector);
      inner.scan(vector, out);
    },
    pool(ids, out) {
      inner.pool(ids, vector);
      scanF32(kernels, vector, back, d, d, out);
    },
  };
}

/** Every band in its own form; scores go where its rows are, and pools of bands add up. */
function loadBands(kernels: Kernels, table: Table, bands: readonly Table[], scope: Scope): Loaded {
  const band = bandOfRows(table);
  const places = new Int32Array(table.rows);
  const parts = rowsByBand(band, bands.length).map((rows, b) => {
    rows.forEach((row, r) => {
      places[row] = r;
    });
    const one = bands[b]!;
    return { rows, loaded: load(kernels, one, scope), scores: scope.f32(one.rows), sum: scope.f32(one.cols) };
  });
  const ids = scope.i32(table.rows);
  return {
    scan(query, out) {
      for (const { rows, loaded, scores } of parts) {
        loaded.scan(query, scores);
        for (let r = 0; r < rows.length; r++) out[rows[r]!] = scores[r]!;
      }
    },
    pool(wanted, out) {
      out.fill(0);
      for (const [b, { loaded, sum }] of parts.entries()) {
        let count = 0;
        for (const row of wanted) if (band[row] === b) ids[count++] = places[row]!;
        if (count === 0) continue;
        loaded.pool(ids.subarray(0, count), sum);
        for (let c = 0; c < sum.length; c++) out[c]! += sum[c]!;
      }
    },
  };
}
