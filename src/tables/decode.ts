// Reads a table in any encoding. The registry is this object: an encoding that is not in it is unknown everywhere.

import { suggest, UserError } from "../base/errors.ts";
import type { CodedRows } from "../kernels/coded.ts";
import { codedEncodings, denseEncodings } from "./dense.ts";
import { describeTable, type Encoding } from "./encoding.ts";
import { mixedRows } from "./mixed-rows.ts";
import { sharedRows } from "./shared-rows.ts";
import { sparse } from "./sparse.ts";
import type { Table } from "./table.ts";

const MOST_NUMBERS = 2 ** 30;

const encodings: Readonly<Record<string, Encoding>> = {
  ...denseEncodings,
  sparse,
  "shared-rows": sharedRows,
  "mixed-rows": mixedRows,
};

/** Throws a UserError unless the table's encoding is known and its tensors fit its shape. */
export function checkTable(table: Table): void {
  for (const [name, n] of [["rows", table.rows] as const, ["cols", table.cols] as const]) {
    if (Number.isSafeInteger(n) && n >= 0 && n < 2 ** 31) continue;
    throw new UserError(`table: ${name} must be a whole number from 0 to 2^31 - 1, got ${n}; seal the artifact again.`);
  }
  encodingOf(table).check(table);
}

/** All numbers of a table, dense and row-major; a damaged table is a UserError. */
export function decodeTable(table: Table): Float32Array {
  checkTable(table);
  if (table.rows * table.cols > MOST_NUMBERS) {
    throw new UserError(
      `${describeTable(table)}: too large to read as one dense matrix; use fewer items or a factor model.`,
    );
  }
  return encodingOf(table).decode(table, 0, table.rows);
}

/** Row `row` of a table. */
export const decodeRow = (table: Table, row: number): Float32Array => rowReader(table)(row);

/** Reads rows of a table, one at a time, which is checked here, once; one that is entropy-coded is decoded, too. */
export function rowReader(table: Table): (row: number) => Float32Array {
  checkTable(table);
  const { cols } = table;
  const encoding = encodingOf(table);
  const all = encoding.whole ? decodeTable(table) : undefined;
  return (row) => {
    if (!(row >= 0 && row < table.rows)) {
      throw new UserError(`${describeTable(table)}: it has no row ${row}; rows are 0 to ${table.rows - 1}.`);
    }
    return all ? all.slice(row * cols, (row + 1) * cols) : encoding.decode(table, row, row + 1);
  };
}

/** All rows of a table as byte codes; undefined for encodings that are none. */
export function codesOf(table: Table): CodedRows | undefined {
  if (!Object.hasOwn(codedEncodings, table.encoding)) return undefined;
  checkTable(table);
  return codedEncodings[table.encoding]!.rows(table, 0, table.rows);
}

function encodingOf(table: Table): Encoding {
  const encoding = Object.hasOwn(encodings, table.encoding) ? encodings[table.encoding] : undefined;
  if (encoding) return encoding;
  const hint = suggest(table.encoding, Object.keys(encodings));
  throw new UserError(`No table encoding named "${table.encoding}". ${hint}`);
}
