// One table file and a DuckDB (in memory) to ask about it. Names of files and columns reach SQL only as bound parameters,
// or as positions that we made; nothing a user writes is spliced in but JSON keys, quoted.

import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { suggest, UserError } from "../base/errors.ts";
import type { TableFormat } from "../kinds/reader.ts";
import { openTable, type Table } from "./table.ts";

/** Opens the table, runs `use` and closes all; DuckDB's account of a bad file becomes one sentence. */
export async function withTable<T>(
  path: string,
  format: TableFormat,
  use: (connection: DuckDBConnection, table: Table) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  try {
    const table = await openTable(path, format, connection);
    return await use(connection, table).catch((error) => {
      throw explain(error, table);
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** Where in the table the column is that `role` wants. */
export function placeOf(table: Table, role: string, wanted: string | number): number {
  const { names, file } = table;
  if (typeof wanted === "number" && table.keyed) {
    throw new UserError(
      `${file}: column ${wanted}: JSON lines have names, not positions; they are ${names.join(", ")}.`,
    );
  }
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
