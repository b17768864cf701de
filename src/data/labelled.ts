// A raw table with labels and parts, and what training takes of it: columns fitted on the train part, three sets of
// examples encoded by them.

import { UserError } from "../base/errors.ts";
import { type ColumnOptions, type Columns, fitColumns } from "./columns/columns.ts";
import type { Examples } from "./examples.ts";
import { type RawTable, takeRows } from "./raw-table.ts";
import { type TargetColumns, targets } from "./targets.ts";

export interface LabelledTable {
  readonly table: RawTable;
  /** Of each row: 0 train, 1 validation, 2 test. */
  readonly part: Uint8Array;
  readonly target: TargetColumns;
}

export interface PreparedExamples {
  readonly columns: Columns;
  readonly train: Examples;
  /** Empty where the log has no such part. */
  readonly validation: Examples;
  readonly test: Examples;
}

/** Fits the columns on train, and encodes all three parts. A user has the same group number in each. */
export function prepareExamples(log: LabelledTable, options: readonly ColumnOptions[]): PreparedExamples {
  const tables = [0, 1, 2].map((part) => takeRows(log.table, rowsIn(log.part, part)));
  const [train, validation, test] = tables as [RawTable, RawTable, RawTable];
  if (train.n === 0) throw new UserError("train has no rows; give validation and test smaller shares.");
  const columns = fitColumns(train, options);
  const encode = (table: RawTable): Examples => ({ ...columns.encode(table), ...targets(table, log.target) });
  return { columns, train: encode(train), validation: encode(validation), test: encode(test) };
}

function rowsIn(parts: Uint8Array, part: number): Uint32Array {
  const rows: number[] = [];
  for (let r = 0; r < parts.length; r++) if (parts[r] === part) rows.push(r);
  return Uint32Array.from(rows);
}
