// The matrices of a factor model share one space: scores u · v stay what they are when every user's row is multiplied by
// A and every item's by the inverse of Aᵀ. What changes the space changes all of them, so what one matrix cannot, none can.

import { gemmNN, gemmTN } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import type { Refused } from "../kinds/pass.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table, type Table } from "../tables/table.ts";
import { allFinite } from "./dense-pass.ts";

export interface FactorSpace {
  /** The rows that queries are made of: of users or of histories; the items' own where a history's rows are the items'. */
  readonly left: Table;
  readonly item: Table;
  /** The recommender's tables with the rows of both sides in another space. `left` does not count where they are tied. */
  replace(left: Table, item: Table): Recommender["tables"];
}

/** The two sides of a factor model, float32, or why there are none. */
export function factorSpace({ query, tables, encoder }: Recommender): FactorSpace | Refused {
  const { item } = tables;
  if (!item || query === "none") return { refused: "it has no factors of items" };
  if (encoder) return { refused: "an encoder reads these rows, and would not know them in another space" };
  const name = query === "user" ? "user" : tables.history ? "history" : undefined;
  const left = name ? tables[name] : item;
  if (!left) return { refused: "it has no factors of users" };
  for (const table of [left, item]) {
    if (table.encoding !== "f32") return { refused: `its numbers are already ${table.encoding}` };
    if (!allFinite(numbersOf(table))) return { refused: "it holds numbers that are not finite" };
  }
  return { left, item, replace: (l, i) => ({ ...tables, ...(name && { [name]: l }), item: i }) };
}

export const numbersOf = (table: Table): Float32Array => table.tensors["data"] as Float32Array;

/** table · by, where `by` is cols × width. */
export async function multiplied(kernels: Kernels, table: Table, by: Float32Array, width: number): Promise<Table> {
  const { rows, cols } = table;
  const scope = kernels.scope();
  try {
    const out = scope.f32(rows * width);
    await gemmNN(kernels, scope.copy(numbersOf(table)), scope.copy(by), rows, cols, width, out);
    return f32Table(rows, width, out.slice());
  } finally {
    scope.free();
  }
}

/** tableᵀ · table, cols × cols, in `scope`. */
export async function gramOf(kernels: Kernels, scope: Scope, table: Table): Promise<Float32Array> {
  const { rows, cols } = table;
  const inner = kernels.scope();
  try {
    const out = scope.f32(cols * cols);
    const data = inner.copy(numbersOf(table));
    await gemmTN(kernels, data, data, cols, rows, cols, out);
    return out;
  } finally {
    inner.free();
  }
}
