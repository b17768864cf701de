// A table whose row u stands for a user of the batch at hand: the weighted sum of their items' rows in a table of items.
// To a training graph it is a table like any other, so pooling costs what the histories hold, not batch × items.
//
//     row u = Σ_e weights[e] · items[indices[e]],  e in [indptr[u], indptr[u + 1])

import type { Kernels } from "../../kernels/kernels.ts";
import { spmm } from "../../kernels/spmm.ts";
import type { EmbeddingTable } from "../tables/embedding-table.ts";

/** The histories of a batch, in CSR. */
export interface BatchHistories {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float32Array;
}

export interface HistoryTable extends EmbeddingTable {
  /** Takes up the next batch; ids are then its users, from 0, each once and in their order. */
  enter(batch: BatchHistories): void;
}

/** Over the items' table, which still belongs to the caller. Bits do not depend on threads. */
export function historyTable(kernels: Kernels, items: EmbeddingTable): HistoryTable {
  const { width } = items;
  /** The batch over the distinct items that it holds, which are rows 0, 1 … of the products' operand. */
  let batch = compact({ indptr: Int32Array.of(0), indices: new Int32Array(0), weights: new Float32Array(0) }, 0);
  const product = async (matrix: Matrix, operand: Float32Array, out: Float32Array) => {
    const scope = kernels.scope();
    try {
      const csr = {
        indptr: scope.copy(matrix.indptr),
        indices: scope.copy(matrix.indices),
        values: scope.copy(matrix.values),
      };
      const rows = matrix.indptr.length - 1;
      const made = scope.f32(rows * width);
      await spmm(kernels, csr, rows, scope.copy(operand), width, made);
      out.set(made);
    } finally {
      scope.free();
    }
  };
  return {
    ...items,
    enter(histories) {
      batch = compact(histories, items.rows);
    },
    async gather(_users, into) {
      const rows = new Float32Array(batch.distinct.length * width);
      await items.gather(batch.distinct, rows);
      await product(batch.pool, rows, into);
    },
    async accumulate(_users, gradients) {
      const rows = new Float32Array(batch.distinct.length * width);
      await product(batch.spread, gradients, rows);
      await items.accumulate(batch.distinct, rows);
    },
  };
}

interface Matrix {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/** The batch's histories over the distinct items that they hold, in the order in which they first come. */
function compact({ indptr, indices, weights }: BatchHistories, items: number) {
  const slots = new Int32Array(items);
  const distinct: number[] = [];
  const places = new Int32Array(indices.length);
  for (let e = 0; e < indices.length; e++) {
    const item = indices[e]!;
    if (slots[item] === 0) slots[item] = distinct.push(item);
    places[e] = slots[item]! - 1;
  }
  return {
    distinct: Int32Array.from(distinct),
    /** users × distinct items */
    pool: { indptr, indices: places, values: weights },
    /** Its transpose. */
    spread: turned(indptr, places, weights, distinct.length),
  };
}

function turned(indptr: Int32Array, indices: Int32Array, values: Float32Array, columns: number): Matrix {
  const starts = new Int32Array(columns + 1);
  for (const c of indices) starts[c + 1]!++;
  for (let c = 0; c < columns; c++) starts[c + 1]! += starts[c]!;
  const next = starts.slice(0, columns);
  const [rows, weights] = [new Int32Array(indices.length), new Float32Array(indices.length)];
  for (let row = 0; row + 1 < indptr.length; row++) {
    for (let e = indptr[row]!; e < indptr[row + 1]!; e++) {
      const to = next[indices[e]!]!++;
      rows[to] = row;
      weights[to] = values[e]!;
    }
  }
  return { indptr: starts, indices: rows, values: weights };
}
