// What is known of users or items as rows of one embedding table: each is the sum of its own row and of those of its
// features' values, so that what is rare, or new, still has a place (LightFM: Kula 2015, arXiv 1507.08439).
//
//     row i = e_i + Σ over columns Σ over values v of weight · e_v;  the weight is 1 for a category, x for a number,
//     1/n or 1 for each of n tags, and e_i is left out where training never meets i

import { UserError } from "../../base/errors.ts";
import { type ColumnOptions, type Columns, fitColumns } from "../../data/columns/columns.ts";
import { type RawTable, takeRows } from "../../data/raw-table.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { EmbeddingTable, Ids } from "../tables/embedding-table.ts";
import { type BatchHistories, historyTable } from "./history-table.ts";

/** Row i of a CSR matrix is what i is the weighted sum of, in a table of `rows`: the own rows first, then features'. */
export interface Described extends BatchHistories {
  readonly rows: number;
}

/**
 * `n` things by columns of `table`, which learn from the things that training has `met`. `where` begins the UserError of
 * a column that is not there.
 */
export function describeRows(
  columns: readonly ColumnOptions[],
  table: RawTable | undefined,
  met: readonly boolean[],
  where: string,
): Described {
  const n = met.length;
  if (columns.length === 0) {
    const all = Int32Array.from({ length: n + 1 }, (_, i) => i);
    return { indptr: all, indices: all.subarray(0, n), weights: new Float32Array(n).fill(1), rows: n };
  }
  if (!table) throw new UserError(`${where}: the data says nothing of them; give the dataset their features.`);
  const { inputs, encode } = fitted(columns, table, met, where);
  const { ids, fields, numeric, numbers, bags, dense } = encode(table);
  let rows = n + inputs.rows;
  const take = (size: number): number => {
    rows += size;
    return rows - size;
  };
  const numericFrom = take(numbers);
  const bagFrom = inputs.bags.map((bag) => take(bag.rows));
  const denseFrom = dense.map(({ width }) => take(width));
  const indptr = new Int32Array(n + 1);
  const [indices, weights]: [number[], number[]] = [[], []];
  const add = (index: number, weight: number) => {
    if (weight === 0) return;
    indices.push(index);
    weights.push(weight);
  };
  for (let i = 0; i < n; i++) {
    if (met[i]) add(i, 1);
    for (let f = 0; f < fields; f++) add(n + ids[i * fields + f]!, 1);
    for (let k = 0; k < numbers; k++) add(numericFrom + k, numeric[i * numbers + k]!);
    for (const [b, { start, ids: values }] of bags.entries()) {
      const own = values.subarray(start[i], start[i + 1]);
      for (const value of own) add(bagFrom[b]! + value, inputs.bags[b]!.pool === "mean" ? 1 / own.length : 1);
    }
    for (const [d, { width, values }] of dense.entries()) {
      for (let k = 0; k < width; k++) add(denseFrom[d]! + k, values[i * width + k]!);
    }
    indptr[i + 1] = indices.length;
  }
  return { indptr, indices: Int32Array.from(indices), weights: Float32Array.from(weights), rows };
}

function fitted(columns: readonly ColumnOptions[], table: RawTable, met: readonly boolean[], where: string): Columns {
  try {
    return fitColumns(
      takeRows(
        table,
        Uint32Array.from(met.keys()).filter((i) => met[i]),
      ),
      columns,
    );
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${where}: ${error.message}`) : error;
  }
}

const isPlain = ({ indptr, rows }: Described): boolean => rows === indptr.length - 1;

/** Sums of things as sums of the rows that those are: each row of `sums` holds numbers of things. */
export function expanded(sums: BatchHistories, of: Described): BatchHistories {
  if (isPlain(of)) return sums;
  const length = sums.indices.reduce((n, i) => n + of.indptr[i + 1]! - of.indptr[i]!, 0);
  const indptr = new Int32Array(sums.indptr.length);
  const [indices, weights] = [new Int32Array(length), new Float32Array(length)];
  let n = 0;
  for (let row = 0; row + 1 < indptr.length; row++) {
    for (let at = sums.indptr[row]!; at < sums.indptr[row + 1]!; at++) {
      const i = sums.indices[at]!;
      for (let e = of.indptr[i]!; e < of.indptr[i + 1]!; e++) {
        indices[n] = of.indices[e]!;
        weights[n++] = sums.weights[at]! * of.weights[e]!;
      }
    }
    indptr[row + 1] = n;
  }
  return { indptr, indices, weights };
}

/** Sums to each of which the features of one thing are added; they stand behind the own rows of things, and here from `from` on. */
export function withFeatures(sums: BatchHistories, ids: Int32Array, of: Described, from: number): BatchHistories {
  if (isPlain(of)) return sums;
  const own = expanded(alone(ids), of);
  const n = of.indptr.length - 1;
  const indptr = new Int32Array(sums.indptr.length);
  const [indices, weights]: [number[], number[]] = [[], []];
  for (let row = 0; row + 1 < indptr.length; row++) {
    for (let at = sums.indptr[row]!; at < sums.indptr[row + 1]!; at++) {
      indices.push(sums.indices[at]!);
      weights.push(sums.weights[at]!);
    }
    for (let at = own.indptr[row]!; at < own.indptr[row + 1]!; at++) {
      if (own.indices[at]! < n) continue;
      indices.push(from + own.indices[at]! - n);
      weights.push(own.weights[at]!);
    }
    indptr[row + 1] = indices.length;
  }
  return { indptr, indices: Int32Array.from(indices), weights: Float32Array.from(weights) };
}

/** Each thing by itself. */
const alone = (ids: ArrayLike<number>): BatchHistories => ({
  indptr: Int32Array.from({ length: ids.length + 1 }, (_, i) => i),
  indices: Int32Array.from(ids),
  weights: new Float32Array(ids.length).fill(1),
});

/** The table whose row i is what `of` says of i, over `base`, which still belongs to the caller. */
export function describedTable(kernels: Kernels, base: EmbeddingTable, of: Described): EmbeddingTable {
  if (isPlain(of)) return base;
  const pooled = historyTable(kernels, base);
  const enter = (ids: Ids) => pooled.enter(expanded(alone(Int32Array.from(ids, Number)), of));
  return {
    ...pooled,
    async gather(ids, into) {
      enter(ids);
      await pooled.gather(ids, into);
    },
    async accumulate(ids, gradients) {
      enter(ids);
      await pooled.accumulate(ids, gradients);
    },
  };
}
