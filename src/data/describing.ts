// What is known of users and items beside the events: readable titles and feature columns, from the small lists that
// sources keep beside their logs. Row r of a description is the r-th id of the events' vocabulary.

import { UserError } from "../base/errors.ts";
import { splitLine, splitLines } from "./delimited.ts";
import { asWords, columnOf, type RawColumn, type RawTable, takeRows, wordsOf } from "./raw-table.ts";

export interface DescribingList {
  /** The file's name, for messages. */
  readonly file: string;
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly header: boolean;
  /** Position of the id. */
  readonly id: number;
  readonly columns: readonly DescribingColumn[];
}

/** A field taken as one word; cut into a list at `separator`; or, for `flags`, one field a word, "1" where it applies. */
export interface DescribingColumn {
  readonly name: string;
  readonly at: number;
  readonly separator?: string;
  readonly flags?: readonly string[];
}

/**
 * The list in `text` as a table with a row for each of `ids`; an id that it lacks has nothing but missing values. A line
 * may lack the fields of lists and flags, for copies do, but no word's.
 */
export function describe(ids: readonly string[], text: string, list: DescribingList): RawTable {
  const words = list.columns.filter(({ flags, separator }) => flags === undefined && separator === undefined);
  const wanted = 1 + Math.max(list.id, ...words.map(({ at }) => at));
  const byId = new Map<string, string[]>();
  for (const [n, line] of splitLines(text).entries()) {
    if (n === 0 && list.header) continue;
    const fields = splitLine(line, list.delimiter, list.quoted);
    if (fields.length < wanted) {
      throw new UserError(
        `${list.file}: line ${n + 1}: expected at least ${wanted} fields separated by "${list.delimiter}", got ${fields.length}; correct the line.`,
      );
    }
    byId.set(fields[list.id]!, fields);
  }
  const columns = list.columns.map(
    (column) =>
      [
        column.name,
        read(
          ids.map((id) => byId.get(id)),
          column,
        ),
      ] as const,
  );
  return { n: ids.length, columns: new Map(columns) };
}

function read(rows: readonly (readonly string[] | undefined)[], { at, separator, flags }: DescribingColumn): RawColumn {
  if (flags === undefined && separator === undefined)
    return wordsOf(rows.map((fields) => fields?.[at]?.trim() || null));
  const lists = rows.map((fields) => {
    if (!fields) return [];
    if (flags) return flags.filter((_, f) => fields[at + f] === "1");
    return (fields[at] ?? "").split(separator!).flatMap((part) => part.trim() || []);
  });
  const start = new Uint32Array(rows.length + 1);
  for (const [r, words] of lists.entries()) start[r + 1] = start[r]! + words.length;
  return { kind: "lists", start, of: wordsOf(lists.flat()) };
}

/** The column `title` of a description apart from the others; an id without one goes by its id. */
export function titlesAndFeatures(
  ids: readonly string[],
  { n, columns }: RawTable,
): { titles: string[]; itemFeatures?: RawTable } {
  const { title, ...rest } = Object.fromEntries(columns);
  const words = title?.kind === "words" ? title : wordsOf(ids);
  const titles = ids.map((id, i) => (words.code[i]! < 0 ? id : words.words[words.code[i]!]!));
  const features = new Map(Object.entries(rest));
  return { titles, ...(features.size > 0 && { itemFeatures: { n, columns: features } }) };
}

/** The rows of `table` that `ids` name by its column `key`; the last one where an id has several, missing where none. */
export function rowsFor(ids: readonly string[], table: RawTable, key: string, asker: string): RawTable {
  const { words, code } = asWords(columnOf(table, key, asker), `${asker}.${key}`);
  const at = new Map<string, number>();
  for (const [row, c] of code.entries()) if (c >= 0) at.set(words[c]!, row);
  const found = takeRows(
    table,
    Int32Array.from(ids, (id) => at.get(id) ?? -1),
  );
  const columns = new Map(found.columns);
  columns.delete(key);
  return { n: found.n, columns };
}

/** The path of a file in a folder, both with "/". */
export function inFolder(folder: string, name: string): string {
  return `${folder.replace(/[/\\]+$/, "")}/${name}`;
}
