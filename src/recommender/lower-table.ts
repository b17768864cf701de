// How a table becomes ONNX constants and operators: all of it, or the rows that an index tensor picks.
//
//     f32                 Gather
//     f16, bf16           Gather → Cast
//     int8-row            Gather q, Gather [scale, bias] → Cast → Mul → Add
//     int4-row, int2-row  the same, with BitShift left and right to unpack q (row-forms.ts)
//     codebook            Gather of the level numbers → Gather of the levels; of up to 16 levels as levels-row without scales
//     byte codes          Gather of the codes → Gather of the codebook's vectors → Reshape or ReduceSum → Mul
//     turned              the rows within by their own form, MatMul by the rotation; for products the query is turned
//     shared-rows         Gather of the map of ids, then of the rows within by their own form
//     mixed-rows          of every band by its own form, Where it is the row's
//     sparse              expanded to f32: ONNX Runtime executes no sparse constant
//
// These are the packed forms; forms.ts has the others. Never DequantizeLinear → Gather: it dequantises the whole table on every run (43 × slower here).

import { UserError } from "../base/errors.ts";
import { formatBytes } from "../base/format.ts";
import type { Builder } from "../graph/builder.ts";
import { float32, int32, uint8 } from "../graph/tensor.ts";
import type { CodedRows } from "../kernels/coded.ts";
import { codebookIndices, codebookLevels } from "../tables/codebook.ts";
import { checkTable, codesOf, decodeTable } from "../tables/decode.ts";
import { levelsRowBytes, ofDigits, packDigits } from "../tables/levels-row.ts";
import { rowsOf } from "../tables/shared-rows.ts";
import { f32Table, type Table } from "../tables/table.ts";
import { rotationOf } from "../tables/turned.ts";
import { booksOf } from "../tables/vector-codes.ts";
import { lowerCodes, lowerKept } from "./code-forms.ts";
import { checkForm, type Form, rowBits } from "./forms.ts";
import { lowerMixed } from "./lower-mixed.ts";
import { lowerRows } from "./row-forms.ts";

/** A table that has become constants of a graph. */
export interface LoweredTable {
  /** All rows: [rows, cols]. */
  all(): string;
  /** The rows that the int64 tensor `index` names: shape of index, then cols. */
  rows(index: string): string;
  /** [batch, cols] times all rows: [batch, rows]. Absent where a product with `all` is as good. */
  product?(query: string): string;
}

const MOST_BYTES = 2 ** 31;
const FLOAT = 1;
const INT32 = 6;

/** Adds the table's constants to the graph under `name`, to be read in the form. */
export function lowerTable(b: Builder, name: string, table: Table, form: Form = "packed"): LoweredTable {
  checkTable(table);
  checkForm(name, table, form);
  if (form === "float32") return lowerTable(b, name, f32Table(table.rows, table.cols, decodeTable(table)));
  if (table.encoding === "shared-rows") return lowerShared(b, name, table, form);
  if (table.encoding === "turned") return lowerTurned(b, name, table);
  if (table.bands) {
    const bands = table.bands.map((one, k) => lowerTable(b, `${name}.band${k}`, one));
    return lowerMixed(b, name, table, bands);
  }
  const { rows, cols } = table;
  const ofRows = rowBits.get(table.encoding);
  const bits = ofRows ?? { f16: 16, bf16: 16, codebook: 8 }[table.encoding] ?? 32;
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

  if (table.encoding === "f16" || table.encoding === "bf16") {
    const dtype = table.encoding === "f16" ? "float16" : "bfloat16";
    const data = b.constant(name, { dtype, dims: [rows, cols], data: table.tensors["data"] as Uint16Array });
    return gathered(data, cast);
  }
  if (ofRows) return lowerRows(b, name, table, ofRows, form);
  if (coded) return lowerCodes(b, name, coded, cols, table.tensors["codebooks"] && booksOf(table));
  if (table.encoding === "codebook") {
    const levels = b.constant(`${name}.levels`, float32([table.tensors["levels"]!.length], codebookLevels(table)));
    const indices = b.constant(`${name}.indices`, uint8([rows, cols], codebookIndices(table)));
    return gathered(indices, (q) => b.node("Gather", [levels, b.node("Cast", [q], { to: INT32 })], { axis: 0 }));
  }
  return gathered(b.constant(name, float32([rows, cols], decodeTable(table))), (value) => value);
}

/** The rows of the table within that the map of ids names. */
function lowerShared(b: Builder, name: string, table: Table, form: Form): LoweredTable {
  const row = rowsOf(table);
  const map = b.constant(`${name}.row`, int32([table.rows], Int32Array.from(row)));
  const values = lowerTable(b, `${name}.values`, table.values!, form);
  const { product } = values;
  return {
    ...(product && { product: (query: string) => b.node("Gather", [product(query), map], { axis: 1 }) }),
    all: () => values.rows(map),
    rows: (index) => values.rows(b.node("Gather", [map, index], { axis: 0 })),
  };
}

/** The rows x within times the rotation R;  q · (x R) = (q Rᵀ) · x. */
function lowerTurned(b: Builder, name: string, table: Table): LoweredTable {
  const values = lowerTable(b, `${name}.values`, table.values!);
  const rotation = lowerKept(b, `${name}.rotation`, [rotationOf(table)], table.cols);
  const flipped = (value: string) => b.node("Transpose", [value], { perm: [1, 0] });
  return {
    all: () => b.node("MatMul", [values.all(), rotation]),
    rows: (index) => b.node("MatMul", [values.rows(index), rotation]),
    product(query) {
      const own = b.node("MatMul", [query, flipped(rotation)]);
      return b.node("MatMul", [own, flipped(values.all())]);
    },
  };
}

/** A codebook of so few levels that a byte names two numbers or more. */
function fewLevels(table: Table): CodedRows | undefined {
  const levels = table.encoding === "codebook" ? codebookLevels(table) : new Float32Array(0);
  if (levels.length < 2 || levels.length > 16) return undefined;
  const codes = packDigits(table.rows, table.cols, levels.length, codebookIndices(table));
  return ofDigits(codes, levelsRowBytes(table.cols, levels.length), levels);
}
