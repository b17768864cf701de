// For every row of one side its best partners on the other, by the scores of a factor model.

import type { Kernels } from "../kernels/kernels.ts";
import { recommendFactors } from "../kernels/recommend-many.ts";
import type { Table } from "../tables/table.ts";
import { numbersOf } from "./factor-space.ts";

/** Rows ranked at once. */
const BLOCK = 512;
/** Of more rows of the other side than these only every so-manieth is looked at. */
const MOST_OTHERS = 2 ** 15;

/** rows × width places of the largest products with rows of `others`; fewer where there are fewer. */
export async function bestPartners(kernels: Kernels, table: Table, others: Table, width: number): Promise<Int32Array> {
  const { rows, cols: d } = table;
  const every = Math.ceil(others.rows / MOST_OTHERS);
  const n = Math.ceil(others.rows / every);
  const top = Math.min(width, n);
  const found = new Int32Array(rows * top);
  const scope = kernels.scope();
  try {
    const items = scope.f32(n * d);
    for (let i = 0; i < n; i++) items.set(numbersOf(others).subarray(i * every * d, (i * every + 1) * d), i * d);
    for (let from = 0; from < rows; from += BLOCK) {
      const b = Math.min(BLOCK, rows - from);
      const local = kernels.scope();
      try {
        const outItems = local.i32(b * top);
        const users = local.copy(numbersOf(table).subarray(from * d, (from + b) * d));
        await recommendFactors(kernels, {
          ...{ users, items, d, b, n, top, outItems, outScores: local.f32(b * top) },
          ...{ excludeIndptr: local.i32(b + 1), excludeIndices: local.i32(0) },
        });
        found.set(
          outItems.map((at) => at * every),
          from * top,
        );
      } finally {
        local.free();
      }
    }
    return found;
  } finally {
    scope.free();
  }
}
