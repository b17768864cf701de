// How a table becomes ONNX constants and operators: all of it, or the rows that an index tensor picks.
//
//     f32                 Gather
//     f16                 Gather → Cast
//     int8-row            Gather q, Gather [scale, bias] → Cast → Mul → Add
//     int4-row, int2-row  the same, with BitShift left and right to unpack q
//     codebook            Gather of the level numbers → Gather of the levels; of up to 16 levels as levels-row without scales
//     byte codes          Gather of the codes → Gather of the codebook's vectors → Reshape or ReduceSum → Mul
//     shared-rows         Gather of the map of ids, then of the rows within by their own form
//     sparse              expanded to f32: ONNX Runtime executes no sparse constant
//
// Never DequantizeLinear → Gather: it dequantises the whole table on every run (43 × slower here).

import { must, UserError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import type { Builder } from "../graph/builder.ts";
import { float32, type GraphTensor, int32, int64, tensorOfBytes, uint8 } from "../graph/tensor.ts";
import type { CodedRows } from "../kernels/coded.ts";
import { codebookIndices, codebookLevels } from "../tables/codebook.ts";
import { checkTable, codesOf, decodeTable } from "../tables/decode.ts";
import { levelsRowBytes, ofDigits, packDigits } from "../tables/levels-row.ts";
import { rowsOf } from "../tables/shared-rows.ts";
import type { Table } from "../tables/table.ts";

/** A table that has become constants of a graph. */
export interface LoweredTable {
  /** All rows: [rows, cols]. */
  all(): string;
  /** The rows that the int64 tensor `index` names: shape of index, then cols. */
  rows(index: string): string;
}

const MOST_BYTES = 2 ** 31;
const FLOAT = 1;
const INT32 = 6;

/** Adds the table's constants to the graph under `name`. */
export function lowerTable(b: Builder, name: string, table: Table): LoweredTable {
  checkTable(table);
  const { rows, cols } = table;
  const bits = { f16: 16, "int8-row": 8, codebook: 8, "int4-row": 4, "int2-row": 2 }[table.encoding] ?? 32;
  const coded = codesOf(table) ?? fewLevels(table);
  const bytes = coded ? rows * coded.parts + 4 * coded.book.length : (rows * cols * bits) / 8;
  if (bytes >= MOST_BYTES) {
    throw new UserError(
      `ONNX export: ${name} takes ${formatBytes(bytes)}, one model file holds 2 GB at most; use a stronger pass or a factor model.`,
    );
  }
  const cast = (value: string) => b.node("Cast", [value], { to: FLOAT });
  const gathered = (constant: string, then: (value: string) => string): LoweredTable => ({
    all: () => then(constant),
    rows: (index) => then(b.node("Gather", [constant, index], { axis: 0 })),
  });
  const scaled = (q: string, terms: string, unpack: (q: string) => string): LoweredTable => {
    const affine = (value: string, kept: string) => {
      const pair = bits === 8 ? kept : cast(kept);
      const scale = b.node("Slice", [pair, axis(0), axis(1), axis(-1)]);
      const bias = b.node("Slice", [pair, axis(1), axis(2), axis(-1)]);
      return b.node("Add", [b.node("Mul", [cast(unpack(value)), scale]), bias]);
    };
    const pick = (constant: string, index: string) => b.node("Gather", [constant, index], { axis: 0 });
    return { all: () => affine(q, terms), rows: (index) => affine(pick(q, index), pick(terms, index)) };
  };
  const axis = (n: number) => b.constant("axis", int64(n));

  if (table.encoding === "f16") {
    const data = b.constant(name, { dtype: "float16", dims: [rows, cols], data: table.tensors["data"] as Uint16Array });
    return gathered(data, cast);
  }
  if (table.encoding === "shared-rows") return lowerShared(b, name, table);
  if (coded) return lowerCodes(b, name, coded, cols);
  if (table.encoding === "codebook") {
    const levels = b.constant(`${name}.levels`, float32([table.tensors["levels"]!.length], codebookLevels(table)));
    const indices = b.constant(`${name}.indices`, uint8([rows, cols], codebookIndices(table)));
    return gathered(indices, (q) => b.node("Gather", [levels, b.node("Cast", [q], { to: INT32 })], { axis: 0 }));
  }
  if (table.encoding.endsWith("-row")) {
    const { q, terms, width } = splitRows(table, bits);
    return scaled(b.constant(`${name}.q`, uint8([rows, width], q)), b.constant(`${name}.scale_bias`, terms), (value) =>
      bits === 8 ? value : unpackBits(b, value, bits, width, cols),
    );
  }
  return gathered(b.constant(name, float32([rows, cols], decodeTable(table))), (value) => value);
}

/** The rows of the table within that the map of ids names. */
function lowerShared(b: Builder, name: string, table: Table): LoweredTable {
  const row = rowsOf(table);
  const map = b.constant(`${name}.row`, int32([table.rows], Int32Array.from(row)));
  const values = lowerTable(b, `${name}.values`, table.values!);
  return {
    all: () => values.rows(map),
    rows: (index) => values.rows(b.node("Gather", [map, index], { axis: 0 })),
  };
}

/** The vectors that a row's bytes name, joined or added up, times the row's scale. */
function lowerCodes(b: Builder, name: string, coded: CodedRows, cols: number): LoweredTable {
  const { parts, book, sub, step } = coded;
  const rows = parts === 0 ? 0 : coded.codes.length / parts;
  const codes = b.constant(`${name}.codes`, uint8([rows, parts], coded.codes));
  const vectors = b.constant(`${name}.codebook`, float32([book.length / sub, sub], book));
  const scales = coded.scales && b.constant(`${name}.scales`, float32([rows, 1], coded.scales));
  const read = (code: string, scale: string | undefined): string => {
    let at = b.node("Cast", [code], { to: INT32 });
    if (book.length > 256 * sub) {
      const first = Int32Array.from({ length: parts }, (_, p) => p * 256);
      at = b.node("Add", [at, b.constant("first", int32([parts], first))]);
    }
    const found = b.node("Gather", [vectors, at], { axis: 0 });
    const row =
      step === 0 ? b.node("ReduceSum", [found, b.constant("axis", int64(-2))], { keepdims: 0 }) : joined(found);
    return scale === undefined ? row : b.node("Mul", [row, scale]);
  };
  /** [..., parts, sub] → [..., cols]. */
  const joined = (found: string): string => {
    const lead = b.node("Shape", [found], { start: 0, end: -2 });
    const shape = b.node("Concat", [lead, b.constant("flat", int64(parts * sub))], { axis: 0 });
    const flat = b.node("Reshape", [found, shape]);
    if (parts * sub === cols) return flat;
    return b.node("Slice", [flat, ...[0, cols, -1].map((n) => b.constant("slice", int64(n)))]);
  };
  const pick = (constant: string, index: string) => b.node("Gather", [constant, index], { axis: 0 });
  return {
    all: () => read(codes, scales),
    rows: (index) => read(pick(codes, index), scales && pick(scales, index)),
  };
}

/** A codebook of so few levels that a byte names two numbers or more. */
function fewLevels(table: Table): CodedRows | undefined {
  const levels = table.encoding === "codebook" ? codebookLevels(table) : new Float32Array(0);
  if (levels.length < 2 || levels.length > 16) return undefined;
  const codes = packDigits(table.rows, table.cols, levels.length, codebookIndices(table));
  return ofDigits(codes, levelsRowBytes(table.cols, levels.length), levels);
}

/** Separates the packed numbers of fused rows from their scales and biases, which keep their precision. */
function splitRows(table: Table, bits: number): { q: Uint8Array; terms: GraphTensor; width: number } {
  const data = must(table.tensors["data"], "the rows of a quantised table") as Uint8Array;
  const width = Math.ceil((table.cols * bits) / 8);
  const size = bits === 8 ? 4 : 2;
  const rowBytes = width + 2 * size;
  const q = new Uint8Array(table.rows * width);
  const terms = new Uint8Array(table.rows * 2 * size);
  for (let row = 0; row < table.rows; row++) {
    const start = row * rowBytes;
    q.set(data.subarray(start, start + width), row * width);
    terms.set(data.subarray(start + width, start + rowBytes), row * 2 * size);
  }
  return { q, terms: tensorOfBytes(bits === 8 ? "float32" : "float16", [table.rows, 2], terms), width };
}

/** [..., bytes] of packed numbers, low bits first → [..., cols] with one number a byte. */
function unpackBits(b: Builder, packed: string, bits: number, width: number, cols: number): string {
  const by = (n: number) => b.constant("shift", { dtype: "uint8", dims: [], data: Uint8Array.of(n) });
  const shift = (value: string, n: number, direction: "LEFT" | "RIGHT") =>
    n === 0 ? value : b.node("BitShift", [value, by(n)], { direction });
  const lanes = Array.from({ length: 8 / bits }, (_, lane) => {
    const alone = shift(shift(packed, 8 - bits * (lane + 1), "LEFT"), 8 - bits, "RIGHT");
    return b.node("Unsqueeze", [alone, b.constant("axis", int64(-1))]);
  });
  const stacked = b.node("Concat", lanes, { axis: -1 });
  // Keep all leading dimensions, flatten [bytes, lanes], then drop the numbers that only fill up the last byte.
  const lead = b.node("Shape", [packed], { start: 0, end: -1 });
  const shape = b.node("Concat", [lead, b.constant("flat", int64((width * 8) / bits))], { axis: 0 });
  const flat = b.node("Reshape", [stacked, shape]);
  const slice = [0, cols, -1].map((n) => b.constant("slice", int64(n)));
  return b.node("Slice", [flat, ...slice]);
}
