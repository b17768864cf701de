// shared-rows: several rows of a table that are one. `row` says which row of `values`, a table in any dense encoding, each
// is; it has as few bytes as they need.

import { UserError } from "../base/errors.ts";
import { denseEncodings } from "./dense.ts";
import { describeTable, type Encoding, expectTensors } from "./encoding.ts";
import type { Table } from "./table.ts";

export const sharedRows: Encoding = {
  check(table) {
    expectTensors(table, { row: { type: [Uint8Array, Uint16Array, Int32Array], length: table.rows } });
    const { values } = table;
    const encoding = values && Object.hasOwn(denseEncodings, values.encoding) && denseEncodings[values.encoding];
    if (!values || !encoding || values.cols !== table.cols) {
      throw new UserError(
        `${describeTable(table)}: its values are missing, not dense or of other columns; seal the artifact again.`,
      );
    }
    encoding.check(values);
    const beyond = rowsOf(table).find((row) => row < 0 || row >= values.rows);
    if (beyond === undefined) return;
    throw new UserError(
      `${describeTable(table)}: it names row ${beyond} of ${values.rows} values; seal the artifact again.`,
    );
  },
  decode(table, from, to) {
    const values = table.values!;
    const { decode } = denseEncodings[values.encoding]!;
    const { cols } = table;
    const out = new Float32Array((to - from) * cols);
    const all = to - from === 1 ? undefined : decode(values, 0, values.rows);
    for (let r = from; r < to; r++) {
      const row = rowsOf(table)[r]!;
      out.set(all ? all.subarray(row * cols, (row + 1) * cols) : decode(values, row, row + 1), (r - from) * cols);
    }
    return out;
  },
};

/** Which of its values each row is. */
export const rowsOf = ({ tensors }: Table): Uint8Array | Uint16Array | Int32Array =>
  tensors["row"] as Uint8Array | Uint16Array | Int32Array;

/** A table of `row.length` rows; row r is row `row[r]` of `values`. */
export function sharedRowsTable(row: Int32Array, values: Table): Table {
  const kept = values.rows <= 256 ? Uint8Array.from(row) : values.rows <= 65_536 ? Uint16Array.from(row) : row;
  return { encoding: "shared-rows", rows: row.length, cols: values.cols, tensors: { row: kept }, values };
}
