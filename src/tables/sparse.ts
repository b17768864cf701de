// sparse: most numbers are 0. `positions` says where the others are: their count, then the distances between their
// places in row-major order (gaps.ts). `values` holds them in order as a table with rows of 64, the last one filled
// up with copies of the last number, so that every dense encoding composes with this one.

import { UserError } from "../base/errors.ts";
import { byteReader, byteWriter } from "./bytes.ts";
import { denseEncodings } from "./dense.ts";
import { describeTable, type Encoding, expectTensors } from "./encoding.ts";
import { decodeGaps, encodeGaps } from "./gaps.ts";
import { f32Table, type Table } from "./table.ts";

const VALUE_COLS = 64;

/** A sparse matrix in CSR: row r holds indices[indptr[r] … indptr[r+1]), ascending. */
export interface SparseRows {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

export const sparse: Encoding = {
  check(table) {
    expectTensors(table, { positions: { type: [Uint8Array] } });
    const { values } = table;
    const encoding = values && Object.hasOwn(denseEncodings, values.encoding) && denseEncodings[values.encoding];
    if (!values || !encoding) {
      throw new UserError(`${describeTable(table)}: its values are missing or not dense; seal the artifact again.`);
    }
    encoding.check(values);
    const needed = Math.ceil(countOf(table) / VALUE_COLS);
    if (values.cols === VALUE_COLS && values.rows === needed) return;
    throw new UserError(
      `${describeTable(table)}: its values must be ${needed} rows of 64, got ${values.rows} of ${values.cols}; seal the artifact again.`,
    );
  },
  decode(table, from, to) {
    const { indptr, indices, values } = decodeSparse(table);
    const out = new Float32Array((to - from) * table.cols);
    for (let row = from; row < to; row++) {
      const start = (row - from) * table.cols;
      for (let at = indptr[row]!; at < indptr[row + 1]!; at++) out[start + indices[at]!] = values[at]!;
    }
    return out;
  },
};

/** A sparse table with float32 values from CSR rows; rows × cols must be below 2³². */
export function sparseTable(rows: number, cols: number, { indptr, indices, values }: SparseRows): Table {
  if (rows * cols >= 2 ** 32) throw new UserError(`a sparse table has fewer than 2^32 places, got ${rows} × ${cols}.`);
  const count = indices.length;
  const gaps = new Uint32Array(count);
  let next = 0;
  for (let row = 0; row < rows; row++) {
    for (let at = indptr[row]!; at < indptr[row + 1]!; at++) {
      const place = row * cols + indices[at]!;
      gaps[at] = place - next;
      next = place + 1;
    }
  }
  const writer = byteWriter();
  writer.varint(count);
  writer.raw(encodeGaps(gaps));
  const valueRows = Math.ceil(count / VALUE_COLS);
  const data = new Float32Array(valueRows * VALUE_COLS).fill(values[count - 1] ?? 0);
  data.set(values.subarray(0, count));
  const tensors = { positions: writer.done() };
  return { encoding: "sparse", rows, cols, tensors, values: f32Table(valueRows, VALUE_COLS, data) };
}

/** The kept numbers of a sparse table in CSR. */
export function decodeSparse(table: Table): SparseRows {
  sparse.check(table);
  const what = describeTable(table);
  const reader = byteReader(table.tensors["positions"] as Uint8Array, what);
  const count = reader.varint();
  const gaps = decodeGaps(reader.rest(), count, what);
  const indptr = new Int32Array(table.rows + 1);
  const indices = new Int32Array(count);
  let row = 0;
  let col = -1;
  for (let at = 0; at < count; at++) {
    col += gaps[at]! + 1;
    if (col >= table.cols) {
      const down = Math.floor(col / table.cols);
      if (row + down >= table.rows)
        throw new UserError(`${what}: a position lies outside it; seal the artifact again.`);
      for (let r = row + 1; r <= row + down; r++) indptr[r] = at;
      row += down;
      col -= down * table.cols;
    }
    indices[at] = col;
  }
  indptr.fill(count, row + 1);
  const { values } = table;
  const dense = denseEncodings[values!.encoding]!.decode(values!, 0, values!.rows);
  return { indptr, indices, values: dense.subarray(0, count) };
}

function countOf(table: Table): number {
  const count = byteReader(table.tensors["positions"] as Uint8Array, describeTable(table)).varint();
  if (count <= table.rows * table.cols) return count;
  throw new UserError(`${describeTable(table)}: it cannot keep ${count} numbers; seal the artifact again.`);
}
