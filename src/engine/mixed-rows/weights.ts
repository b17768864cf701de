// How much the scores of a query and of an item count: one user as much as another, an item as a power of how often training
// met it.

import type { PassContext } from "../../kinds/pass.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { f32Table, type Table } from "../../tables/table.ts";
import { numbersOf } from "../factor-space.ts";

/** Users shorter than this share of the middle one count as if they were as long. */
const SHORTEST = 0.05;

interface BySide {
  readonly left: Float64Array;
  readonly item: Float64Array;
}

/** The weights of both sides, and how popular their rows are: by the squares of their numbers where nothing else is known. */
export function weightsOf(
  left: Table,
  item: Table,
  query: Recommender["query"],
  power: number,
  met: PassContext["met"],
): BySide & { readonly popularity: BySide } {
  const counted = (counts: Int32Array | undefined, table: Table) =>
    counts?.length === table.rows ? Float64Array.from(counts, (n) => n + 1) : undefined;
  const byUser = query === "user";
  const items = counted(met?.item, item);
  const users = byUser ? counted(met?.user, left) : items;
  const squares = rowSquares(left);
  const least = SHORTEST ** 2 * squares.slice().sort()[left.rows >> 1]!;
  return {
    left: squares.map((square) => (byUser ? 1 / (Math.max(square, least) || 1) : 1)),
    item: items?.map((n) => n ** power) ?? new Float64Array(item.rows).fill(1),
    popularity: { left: users ?? squares, item: items ?? rowSquares(item) },
  };
}

/** ‖x‖² of every row. */
export function rowSquares(table: Table): Float64Array {
  const squares = new Float64Array(table.rows);
  const data = numbersOf(table);
  for (let i = 0; i < data.length; i++) squares[Math.floor(i / table.cols)]! += data[i]! ** 2;
  return squares;
}

/** Every row times the root of its weight. */
export const timesRoots = (table: Table, weights: Float64Array): Table =>
  f32Table(
    table.rows,
    table.cols,
    numbersOf(table).map((x, i) => x * Math.sqrt(weights[Math.floor(i / table.cols)]!)),
  );
