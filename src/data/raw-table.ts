// A table as it was read: named columns of words, numbers or lists, before anything is learnt from them. Words are
// kept once each, with a code a row, so that what a column kind does to a word it does once and not once a row.

import { UserError } from "../base/errors.ts";
import { growing } from "../base/growing.ts";
import type { Rng } from "../base/rng.ts";

/** Row r holds words[code[r]]; missing where code[r] is -1. */
export interface Words {
  readonly kind: "words";
  readonly words: readonly string[];
  readonly code: Int32Array;
}

/** NaN is missing. */
export interface Numbers {
  readonly kind: "numbers";
  readonly values: Float64Array;
}

/** Row r holds elements start[r] … start[r + 1] - 1 of `of`; a missing list is an empty one. */
export interface Lists {
  readonly kind: "lists";
  readonly start: Uint32Array;
  readonly of: Words | Numbers;
}

export type RawColumn = Words | Numbers | Lists;

export interface RawTable {
  readonly n: number;
  readonly columns: ReadonlyMap<string, RawColumn>;
}

/** The column called `name`; `asker` starts the error. */
export function columnOf(table: RawTable, name: string, asker: string): RawColumn {
  const found = table.columns.get(name);
  if (found) return found;
  throw new UserError(
    `${asker}: the table has no column "${name}"; it has ${[...table.columns.keys()].slice(0, 40).join(", ")}.`,
  );
}

/** Words from values; null and "" are missing. */
export function wordsOf(values: Iterable<string | null>): Words {
  const { add, done } = collectWords();
  for (const word of values) add(word);
  return done();
}

/** Words one after another; null and "" are missing. */
export function collectWords(): { add(word: string | null): void; done(): Words } {
  const at = new Map<string, number>();
  const code = growing(Int32Array);
  return {
    add(word) {
      if (word === null || word === "") {
        code.add(-1);
        return;
      }
      const found = at.get(word) ?? at.size;
      if (found === at.size) at.set(word, found);
      code.add(found);
    },
    done: () => ({ kind: "words", words: [...at.keys()], code: code.done() }),
  };
}

/** The column as words: a number is its shortest text. */
export function asWords(column: RawColumn, asker: string): Words {
  if (column.kind === "words") return column;
  if (column.kind === "lists") throw new UserError(`${asker}: holds lists; use it as tags, a sequence or a vector.`);
  return wordsOf(Array.from(column.values, (x) => (Number.isNaN(x) ? null : String(x))));
}

/** The column as numbers; a word that is no finite number is an error. */
export function asNumbers(column: RawColumn, asker: string): Float64Array {
  if (column.kind === "numbers") return column.values;
  if (column.kind === "lists") throw new UserError(`${asker}: holds lists; use it as tags, a sequence or a vector.`);
  const read = column.words.map((word) => numberOf(word, asker));
  return Float64Array.from(column.code, (code) => (code < 0 ? Number.NaN : read[code]!));
}

/** The column as lists; a text is cut at `separator`, empty parts left out. */
export function asLists(column: RawColumn, separator: string): Lists {
  if (column.kind === "lists") return column;
  const { words, code } = asWords(column, "list");
  const parts = words.map((word) => word.split(separator).filter((part) => part !== ""));
  const start = new Uint32Array(code.length + 1);
  for (let r = 0; r < code.length; r++) start[r + 1] = start[r]! + (code[r]! < 0 ? 0 : parts[code[r]!]!.length);
  const flat = wordsOf(parts.flat());
  const first = new Uint32Array(parts.length + 1);
  for (let w = 0; w < parts.length; w++) first[w + 1] = first[w]! + parts[w]!.length;
  const codes = new Int32Array(start[code.length]!);
  for (let r = 0; r < code.length; r++) {
    if (code[r]! >= 0) codes.set(flat.code.subarray(first[code[r]!]!, first[code[r]! + 1]!), start[r]!);
  }
  return { kind: "lists", start, of: { ...flat, code: codes } };
}

/** The rows of all tables, one table after the other; every table has the first one's columns, of the same kinds. */
export function joinTables(tables: readonly RawTable[]): RawTable {
  const columns = [...tables[0]!.columns.keys()].map((name) => {
    const parts = tables.map((table) => columnOf(table, name, "join"));
    return [name, join(parts, name)] as const;
  });
  return { n: tables.reduce((n, table) => n + table.n, 0), columns: new Map(columns) };
}

function join(parts: readonly RawColumn[], name: string): RawColumn {
  const words = parts.filter((part) => part.kind === "words");
  if (words.length === parts.length) {
    const { add, done } = collectWords();
    for (const part of words) for (const code of part.code) add(code < 0 ? null : part.words[code]!);
    return done();
  }
  const numbers = parts.filter((part) => part.kind === "numbers");
  if (numbers.length === parts.length) {
    return { kind: "numbers", values: Float64Array.from(numbers.flatMap((part) => Array.from(part.values))) };
  }
  const lists = parts.filter((part) => part.kind === "lists");
  if (lists.length < parts.length) {
    throw new UserError(`column "${name}" holds lists in one file and texts in another; give it one form.`);
  }
  const of = join(
    lists.map((part) => part.of),
    name,
  );
  const start = [0];
  for (const part of lists) {
    const before = start.at(-1)!;
    for (const end of part.start.subarray(1)) start.push(before + end);
  }
  return { kind: "lists", start: Uint32Array.from(start), of: of as Words | Numbers };
}

/** The rows named, in that order; a row of missing values for -1. */
export function takeRows(table: RawTable, rows: Int32Array | Uint32Array): RawTable {
  const columns = [...table.columns].map(([name, column]) => [name, take(column, rows)] as const);
  return { n: rows.length, columns: new Map(columns) };
}

/** At most `n` rows, drawn by `rng`, in their order. */
export function drawRows(table: RawTable, n: number, rng: Rng): RawTable {
  if (table.n <= n) return table;
  const order = rng.shuffle(Uint32Array.from({ length: table.n }, (_, row) => row));
  return takeRows(table, order.subarray(0, n).sort());
}

function take<C extends RawColumn>(column: C, rows: Int32Array | Uint32Array): C;
function take(column: RawColumn, rows: Int32Array | Uint32Array): RawColumn {
  if (column.kind === "words") return { ...column, code: Int32Array.from(rows, (r) => column.code[r] ?? -1) };
  if (column.kind === "numbers")
    return { ...column, values: Float64Array.from(rows, (r) => column.values[r] ?? Number.NaN) };
  const { start } = column;
  const to = new Uint32Array(rows.length + 1);
  for (const [r, row] of rows.entries()) to[r + 1] = to[r]! + (row < 0 ? 0 : start[row + 1]! - start[row]!);
  const elements = new Uint32Array(to[rows.length]!);
  for (const [r, row] of rows.entries()) {
    for (let k = 0; k < to[r + 1]! - to[r]!; k++) elements[to[r]! + k] = start[row]! + k;
  }
  return { kind: "lists", start: to, of: take(column.of, elements) };
}

/** The finite number that a word spells, spaces around it allowed. */
export function numberOf(word: string, asker: string): number {
  const x = word.trim() === "" ? Number.NaN : Number(word);
  if (Number.isFinite(x)) return x;
  throw new UserError(`${asker}: "${word.slice(0, 40)}" is not a finite number; leave it empty where it is unknown.`);
}
