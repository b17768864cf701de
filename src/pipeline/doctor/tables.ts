// The doctor's look at a recommender's tables.

import { formatBytes, formatCount } from "../../base/format.ts";
import { type Recommender, type TableName, tableNames } from "../../recommender/recommender.ts";
import type { Finding } from "../../report/diagnosis.ts";
import { formatShare } from "../../report/figures.ts";
import { decodeTable } from "../../tables/decode.ts";
import { nesting } from "../../tables/encoding.ts";
import { decodeSparse } from "../../tables/sparse.ts";
import { type Table, tableBytes } from "../../tables/table.ts";
import { countZeros, examineDense, examineTable, type Matrix } from "./numbers.ts";

/** A full-precision table beside packed ones counts from this share of all bytes. */
export const largeShare = 0.1;

/** Every finding of the tables. */
export function examineRecommender({ tables }: Recommender): Finding[] {
  const present = tableNames.flatMap((name): [TableName, Table][] => {
    const table = tables[name];
    return table ? [[name, table]] : [];
  });
  const total = present.reduce((sum, [, table]) => sum + tableBytes(table), 0);
  const packed = present.find(([, table]) => isPacked(table));
  return present.flatMap(([name, table]) => {
    const found = examine(name, table);
    const bytes = tableBytes(table);
    if (packed && table.encoding === "f32" && table.rows > 1 && bytes >= largeShare * total) {
      found.push({
        ...{ kind: "exempt-table" as const, where: name, bytes: Math.round(bytes * 0.7) },
        what: `float32, ${formatShare(bytes / total)} of all bytes, while ${packed[0]} is ${packed[1].encoding}.`,
        mend: `pass int8-row on table ${name} takes about ${formatBytes(bytes * 0.3)}; name it in the step's tables.`,
      });
    }
    return found;
  });
}

const isPacked = ({ encoding, values }: Table): boolean =>
  nesting.has(encoding) ? values?.encoding !== "f32" : encoding !== "f32";

/** In fewer bits rows come to be alike that were not. */
const precise: ReadonlySet<string> = new Set(["f32", "f16", "bf16", "int8-row"]);

function examine(name: string, table: Table): Finding[] {
  const { rows, cols, encoding } = table;
  // One row is a vector of gains or biases, whose zeros are numbers like others.
  if (rows <= 1 || cols === 0 || rows * cols > 2 ** 28) return [];
  const bytes = tableBytes(table);
  if (encoding === "sparse") return examineSparse(name, table, bytes);
  if (!precise.has(encoding)) return [];
  const matrix: Matrix = { name, rows, cols, bytes, data: decodeTable(table) };
  const zeros = countZeros(matrix);
  return [...examineTable(matrix, zeros), ...(encoding === "f32" ? examineDense(matrix, zeros) : [])];
}

function examineSparse(name: string, table: Table, bytes: number): Finding[] {
  const { rows, cols, values } = table;
  // What its numbers would take without their places: all of them, at as much a number.
  const dense = values && (tableBytes(values) * rows * cols) / Math.max(1, values.rows * values.cols);
  const saved = dense === undefined ? 0 : bytes - dense;
  if (saved <= 0) return [];
  const kept = decodeSparse(table).indices.length;
  return [
    {
      ...{ kind: "dense-as-sparse", where: name, bytes: Math.round(saved) },
      what: `${formatCount(kept)} of ${formatCount(rows * cols)} numbers are not 0: their places take more than the zeros would.`,
      mend: "leave prune-magnitude out, or let it prune more.",
    },
  ];
}
