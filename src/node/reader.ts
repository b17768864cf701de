// The Reader of datasets: DuckDB (in memory) for tables, node:fs for texts. Names of files and columns reach SQL only
// as bound parameters, or as positions that we made; nothing a user writes is spliced in but JSON keys, quoted.

import { stat } from "node:fs/promises";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { must, suggest, UserError } from "../base/errors.ts";
import { parseTime, secondsOf } from "../data/time.ts";
import type { ColumnMapping, Columns, Reader } from "../kinds/dataset.ts";
import { openTable, type Table } from "./table.ts";
import { firstLine, readText } from "./text.ts";

/** A reader of local files. Every failure is a UserError of one sentence with file, row, what was got and what to do. */
export function createReader(): Reader {
  return {
    columns: readColumns,
    text: readText,
    firstLine,
    exists: (path) =>
      stat(path).then(
        (found) => found.isFile(),
        () => false,
      ),
  };
}

type Role = "user" | "item" | "value" | "time";

async function readColumns(path: string, mapping: ColumnMapping): Promise<Columns> {
  const roles: Role[] = ["user", "item"];
  if (mapping.value !== undefined) roles.push("value");
  if (mapping.time !== undefined) roles.push("time");
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  try {
    const table = await openTable(path, mapping, connection);
    const place = roles.map((role) => placeOf(table, role, must(mapping[role], role)));
    return await collect(connection, table, roles, place).catch((error) => {
      throw explain(error, table);
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Where in the table the mapping's column is. */
function placeOf(table: Table, role: Role, wanted: string | number): number {
  const { names, file } = table;
  if (typeof wanted === "number" || !table.named) {
    const at = Number(wanted);
    if (Number.isInteger(at) && at >= 0 && at < names.length) return at;
    const there = `columns 0 to ${names.length - 1}`;
    throw new UserError(
      table.named || typeof wanted === "number"
        ? `${file}: ${role}: there is no column ${wanted}; the file has ${there}.`
        : `${file}: ${role}: the mapping names "${wanted}" but the file is read without a header; give a position (${there}) or set header: true.`,
    );
  }
  const at = names.indexOf(wanted);
  if (at < 0) {
    const hint = suggest(wanted, names);
    const more = hint.startsWith("Known")
      ? `Say which, as in --set dataset.${role}=NAME.`
      : `The columns are ${names.join(", ")}.`;
    throw new UserError(`${file}: ${role}: no column named "${wanted}". ${hint} ${more}`);
  }
  if (names.indexOf(wanted, at + 1) >= 0) {
    throw new UserError(`${file}: ${role}: two columns are named "${wanted}"; rename one of them.`);
  }
  return at;
}

async function collect(connection: DuckDBConnection, table: Table, roles: Role[], place: number[]): Promise<Columns> {
  const columns: Columns = { user: [], item: [] };
  const text = (n: number) => `try_cast(${table.column(place[n]!)} as varchar)`;
  // Numbers travel as doubles; what is not a number comes as text beside it, for ISO dates and for the error message.
  const selected = roles.flatMap((role, n) =>
    role === "user" || role === "item"
      ? [text(n)]
      : [`try_cast(${text(n)} as double)`, `case when try_cast(${text(n)} as double) is null then ${text(n)} end`],
  );
  const result = await connection.stream(`select ${selected.join(", ")} from ${table.from}`, table.parameters);
  const numbers: { value: number[]; time: number[] } = { value: [], time: [] };
  let rows = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    let at = 0;
    for (const [n, role] of roles.entries()) {
      const vector = chunk.getColumnVector(at++);
      const where = (row: number) =>
        `${table.file}: row ${rows + row + 1}${table.named ? " (header not counted)" : ""}: ${role}`;
      if (role === "user" || role === "item") {
        const out = columns[role];
        for (let row = 0; row < chunk.rowCount; row++) {
          const id = vector.getItem(row) as string | null;
          if (id === null || id.trim() === "")
            throw new UserError(`${where(row)} is empty; every row needs a user and an item.`);
          out.push(id);
        }
        continue;
      }
      const raw = chunk.getColumnVector(at++);
      const read = role === "value" ? readValue : readTime;
      const out = numbers[role];
      for (let row = 0; row < chunk.rowCount; row++) {
        const number = vector.getItem(row) as number | null;
        const kept = read(number, raw.getItem(row) as string | null);
        if (!Number.isFinite(kept)) {
          const got = number === null ? (raw.getItem(row) as string | null) : String(number);
          throw new UserError(
            `${where(row)} must be ${needs[role]}, got ${got?.trim() ? `"${got.slice(0, 40)}"` : "nothing"}; correct the row or map another column (${table.names[place[n]!]} is mapped now).`,
          );
        }
        out.push(kept);
      }
    }
    rows += chunk.rowCount;
  }
  if (rows === 0)
    throw new UserError(
      `${table.file}: holds no rows${table.named ? " below its header" : ""}; give a file with at least one.`,
    );
  if (roles.includes("value")) columns.value = Float64Array.from(numbers.value);
  if (roles.includes("time")) columns.time = Float64Array.from(numbers.time);
  return columns;
}

const needs = {
  value: "a finite number",
  time: "Unix seconds, Unix milliseconds or an ISO 8601 date",
};

/** Rejects also what float32 cannot hold, for that is what values become. */
function readValue(number: number | null): number {
  return number === null ? Number.NaN : Number.isFinite(Math.fround(number)) ? number : Number.NaN;
}

function readTime(number: number | null, text: string | null): number {
  if (number !== null) return secondsOf(number);
  return text === null ? Number.NaN : parseTime(text);
}

/** Turns DuckDB's account of a bad file into one sentence. */
function explain(error: unknown, { file, names }: Table): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const { message } = error;
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const where = line ? `${file}: line ${line}` : file;
  const fields = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  if (fields) {
    return new UserError(
      `${where}: expected ${fields[1]} fields as in the first line, got ${fields[2]}; correct the row or name the right format.`,
    );
  }
  if (/unterminated quote|quote should be followed/i.test(message)) {
    return new UserError(`${where}: a quoted field does not end; close the quote or double it inside the field.`);
  }
  if (/not utf-8|invalid unicode|invalid utf-?8/i.test(message)) {
    return new UserError(`${where}: is not UTF-8 text; save the file as UTF-8.`);
  }
  const json = /Malformed JSON in file .*line (\d+): ([^.\n]*)/.exec(message);
  if (json)
    return new UserError(`${file}: near line ${json[1]}: not a JSON object (${json[2]}); give one object a line.`);
  if (/parquet|magic bytes|thrift/i.test(message)) {
    return new UserError(`${file}: is not a whole Parquet file; it may be cut short or of another format.`);
  }
  const [first = ""] = message.split("\n");
  return new UserError(
    `${where}: cannot be read as ${names.length} columns (${first.trim().slice(0, 120)}); correct the file or name the right format.`,
  );
}
