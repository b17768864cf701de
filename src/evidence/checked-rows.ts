// Rows of a table that was logged somewhere else: what makes no sense is an error that names file, row and column; rows
// that merely lack something, or come a second time, are left out and counted.

import { UserError } from "../base/errors.ts";
import { asNumbers, asWords, columnOf, type RawTable, takeRows, type Words } from "../data/raw-table.ts";

export interface Excluded {
  readonly why: string;
  readonly rows: number;
}

export interface CheckedRows {
  readonly n: number;
  readonly table: RawTable;
  readonly excluded: readonly Excluded[];
  has(column: string): boolean;
  /** A column as words, each of which some row has; -1 where a cell is empty. */
  words(column: string): Words;
  /** A column as numbers, all of which pass `holds`; NaN where a cell is empty. `want` completes "… must be …". */
  numbers(column: string, holds?: (x: number) => boolean, want?: string): Float64Array;
}

/** The rows whose `required` columns are filled and whose `id`, if there is such a column, was not met before. */
export function checkedRows(table: RawTable, where: string, required: readonly string[]): CheckedRows {
  const reason = new Map<string, number>();
  const kept: number[] = [];
  const empty = required.map((name) => [`no ${name}`, emptyIn(table, name, where)] as const);
  const ids = table.columns.has("id") ? asWords(columnOf(table, "id", where), `${where}: id`) : undefined;
  const met = new Uint8Array(ids?.words.length ?? 0);
  for (let r = 0; r < table.n; r++) {
    const code = ids ? ids.code[r]! : -1;
    const missing = empty.find(([, is]) => is(r))?.[0];
    const why = missing ?? (ids && code < 0 ? "no id" : code >= 0 && met[code] ? "an id that came before" : undefined);
    if (code >= 0) met[code] = 1;
    if (why === undefined) kept.push(r);
    else reason.set(why, (reason.get(why) ?? 0) + 1);
  }
  const excluded = Array.from(reason, ([why, rows]) => ({ why, rows }));
  if (kept.length === 0) {
    const all = excluded.map(({ why, rows }) => `${rows} with ${why}`).join(", ");
    throw new UserError(`${where}: no row can be used (${all}); fill these columns.`);
  }
  const rest = kept.length === table.n ? table : takeRows(table, Uint32Array.from(kept));
  return {
    ...{ n: kept.length, table: rest, excluded },
    has: (column) => rest.columns.has(column),
    words: (column) => inUse(asWords(columnOf(rest, column, where), `${where}: ${column}`)),
    numbers(column, holds = () => true, want = "") {
      const values = asNumbers(columnOf(rest, column, where), `${where}: ${column}`);
      const at = values.findIndex((x) => !holds(x));
      if (at < 0) return values;
      const got = Number.isNaN(values[at]) ? "nothing" : values[at];
      throw new UserError(`${where}: row ${kept[at]! + 1}: ${column} must be ${want}, got ${got}.`);
    },
  };
}

function emptyIn(table: RawTable, name: string, where: string): (row: number) => boolean {
  const column = columnOf(table, name, where);
  if (column.kind === "words") return (row) => column.code[row] === -1;
  if (column.kind === "numbers") return (row) => Number.isNaN(column.values[row]);
  return (row) => column.start[row] === column.start[row + 1];
}

/** The same column without the words that no row has. */
function inUse({ words, code }: Words): Words {
  const used = new Int32Array(words.length).fill(-1);
  let n = 0;
  for (const c of code) if (c >= 0 && used[c] === -1) used[c] = n++;
  if (n === words.length) return { kind: "words", words, code };
  const kept: string[] = [];
  for (const [c, at] of used.entries()) if (at >= 0) kept[at] = words[c]!;
  return { kind: "words", words: kept, code: code.map((c) => (c < 0 ? -1 : used[c]!)) };
}
