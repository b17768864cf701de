// Any columns of a table file as a raw table: words, numbers, times or lists. Lists are arrays (Parquet, JSON lines, or
// JSON arrays in text); a column of lists whose texts are no JSON arrays is left as words, to be cut at a separator.

import type { DuckDBConnection, DuckDBVector } from "@duckdb/node-api";
import { UserError } from "../base/errors.ts";
import { growing } from "../base/growing.ts";
import { collectWords, type Lists, type RawColumn, type RawTable, type Words, wordsOf } from "../data/raw-table.ts";
import { parseTime, secondsOf } from "../data/time.ts";
import type { RowMapping } from "../kinds/reader.ts";
import { placeOf, withTable } from "./query.ts";
import type { Table } from "./table.ts";

type Wanted = RowMapping["columns"][number] & { readonly place: number };

/** The columns of `mapping`, rows in the order of the file; what is no number or time is a UserError with its row. */
export function readRows(path: string, mapping: RowMapping): Promise<RawTable> {
  return withTable(path, mapping, (connection, table) => {
    const wanted = mapping.columns.map((column) => ({ ...column, place: placeOf(table, column.name, column.from) }));
    return collect(connection, table, wanted);
  });
}

async function collect(connection: DuckDBConnection, table: Table, wanted: readonly Wanted[]): Promise<RawTable> {
  const select = wanted.flatMap(({ as, place }) => selected(table, as, place)).join(", ");
  const result = await connection.stream(`select ${select} from ${table.from}`, table.parameters);
  const sinks = wanted.map((column) => sinkFor(column, table));
  let n = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    let at = 0;
    for (const sink of sinks) {
      const vectors = Array.from({ length: sink.vectors }, () => chunk.getColumnVector(at++));
      sink.take(vectors, chunk.rowCount, n);
    }
    n += chunk.rowCount;
  }
  if (n === 0) throw new UserError(`${table.file}: holds no rows; give a file with at least one.`);
  return { n, columns: new Map(sinks.map((sink, c) => [wanted[c]!.name, sink.done()])) };
}

/** SQL of a column: text, or a double and beside it the text of what is none. */
function selected(table: Table, as: Wanted["as"], place: number): string[] {
  const column = table.column(place);
  if (table.nested?.(place)) return [`cast(to_json(${column}) as varchar)`];
  const text = `try_cast(${column} as varchar)`;
  if (as === "words" || as === "lists") return [text];
  const number = `try_cast(${text} as double)`;
  return [number, `case when ${number} is null then ${text} end`];
}

interface Sink {
  readonly vectors: number;
  take(vectors: readonly DuckDBVector[], rows: number, before: number): void;
  done(): RawColumn;
}

function sinkFor({ name, as, place }: Wanted, table: Table): Sink {
  const where = `${table.file}: ${name}`;
  const nested = table.nested?.(place) === true;
  if (nested && as !== "lists") throw new UserError(`${where}: holds lists; use it as tags, a sequence or a vector.`);
  if (as === "words" || as === "lists") {
    const words = collectWords();
    return {
      vectors: 1,
      take([vector], rows) {
        for (let r = 0; r < rows; r++) words.add(vector!.getItem(r) as string | null);
      },
      done: () => (as === "words" ? words.done() : (listsOf(words.done(), where) ?? words.done())),
    };
  }
  const values = growing(Float64Array);
  const read = as === "times" ? timeOf : numberOf;
  return {
    vectors: 2,
    take([number, text], rows, before) {
      for (let r = 0; r < rows; r++) {
        const value = read(number!.getItem(r) as number | null, text!.getItem(r) as string | null);
        if (value === undefined) {
          const got = String(text!.getItem(r) ?? number!.getItem(r)).slice(0, 40);
          const need = as === "times" ? "Unix seconds, Unix milliseconds or an ISO 8601 date" : "a finite number";
          throw new UserError(
            `${table.file}: row ${before + r + 1}${table.named ? " (header not counted)" : ""}: ${name} must be ${need} or empty, got "${got}"; correct the row or read the column as a category.`,
          );
        }
        values.add(value);
      }
    },
    done: () => ({ kind: "numbers", values: values.done() }),
  };
}

/** NaN for an empty cell, undefined for what is neither a finite number nor true or false. */
function numberOf(number: number | null, text: string | null): number | undefined {
  if (number !== null) return Number.isFinite(number) ? number : undefined;
  const word = text?.trim() ?? "";
  return word === "" ? Number.NaN : { true: 1, false: 0 }[word.toLowerCase()];
}

function timeOf(number: number | null, text: string | null): number | undefined {
  if (number === null && !text?.trim()) return Number.NaN;
  const time = number === null ? parseTime(text!) : secondsOf(number);
  return Number.isFinite(time) ? time : undefined;
}

/** The lists that JSON arrays spell; undefined where a text is no array. */
function listsOf({ words, code }: Words, where: string): Lists | undefined {
  const arrays: unknown[][] = [];
  for (const word of words) {
    const array = word.startsWith("[") ? parsed(word) : undefined;
    if (!Array.isArray(array)) return undefined;
    arrays.push(array);
  }
  const start = new Uint32Array(code.length + 1);
  for (let r = 0; r < code.length; r++) start[r + 1] = start[r]! + (code[r]! < 0 ? 0 : arrays[code[r]!]!.length);
  const flat = Array.from(code, (c) => (c < 0 ? [] : arrays[c]!)).flat();
  if (flat.some((element) => typeof element === "object" && element !== null)) {
    throw new UserError(`${where}: holds lists in lists; give lists of texts or numbers.`);
  }
  const large = flat.find((element) => Number.isInteger(element) && !Number.isSafeInteger(element));
  if (large !== undefined) {
    throw new UserError(`${where}: a list holds ${large}, more than a number keeps exactly; write it as text.`);
  }
  if (flat.every((element) => typeof element === "number")) {
    return { kind: "lists", start, of: { kind: "numbers", values: Float64Array.from(flat as number[]) } };
  }
  const texts = flat.map((element) => (element === null ? null : String(element)));
  return { kind: "lists", start, of: wordsOf(texts) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
