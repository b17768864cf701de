// Tags of items, such as genres, from a column of what the data knows of them.

import { asLists, asWords, type RawColumn, type RawTable } from "../data/raw-table.ts";
import type { Tags } from "../kinds/catalogue.ts";

/** Where tags are looked for when nobody says. */
const usual = ["genres", "category", "categories", "tags"];

/** The usual column of tags, where the table has one. */
export const usualTags = (table: RawTable | undefined): string | undefined =>
  usual.find((name) => table?.columns.has(name));

/** The distinct tags of each row; a text is cut at `separator`. */
export function tagsOf(column: RawColumn, separator: string): Tags {
  const { start, words, code } = wordLists(column, separator);
  const rows = Array.from({ length: start.length - 1 }, (_, r) => {
    const own = code.subarray(start[r]!, start[r + 1]!).filter((c) => c >= 0);
    return Int32Array.from(new Set(own)).sort();
  });
  const starts = new Uint32Array(start.length);
  for (const [r, row] of rows.entries()) starts[r + 1] = starts[r]! + row.length;
  const flat = new Int32Array(starts[rows.length]!);
  for (const [r, row] of rows.entries()) flat.set(row, starts[r]!);
  return { count: words.length, start: starts, code: flat };
}

/** A column as lists of words. */
export function wordLists(column: RawColumn, separator: string) {
  const { start, of } = asLists(column, separator);
  return { start, ...asWords(of, "tags") };
}
