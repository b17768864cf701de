// What a tabular file is before it is read: its format, its columns and the SQL source that yields them. The source's
// text holds only positions and quoted JSON keys; the path is a bound parameter.

import { resolve } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import { UserError } from "../base/errors.ts";
import { splitLine } from "../data/delimited.ts";
import type { TableFormat } from "../kinds/reader.ts";
import { checkFile, checkGzip, firstLine, isGzipFile } from "./text.ts";

export interface Table {
  /** The path as the user gave it, for messages. */
  readonly file: string;
  /** Column names, or positions as text where the file has no header. */
  readonly names: readonly string[];
  readonly named: boolean;
  /** Whether columns have no order, as in JSON. */
  readonly keyed?: boolean;
  /** Whether the column at a position holds lists by its type. */
  nested?(at: number): boolean;
  /** The SQL expression of the column at a position. */
  column(at: number): string;
  readonly from: string;
  readonly parameters: string[];
}

/** Looks at the file's name and first line; reads nothing else. */
export async function openTable(path: string, mapping: TableFormat, connection: DuckDBConnection): Promise<Table> {
  await checkFile(path);
  const format = mapping.format === "auto" ? guess(path) : mapping.format;
  if (format === "parquet") return parquet(path, connection);
  if (await isGzipFile(path)) await checkGzip(path);
  const line = await firstLine(path);
  if (line.trim() === "") throw new UserError(`${path}: holds no rows; give a file with at least one.`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no text has them
  if (/[\u0000-\u0008\u000e-\u001f\ufffd]/.test(line)) {
    throw new UserError(`${path}: its first line is not UTF-8 text; save it as UTF-8, or name the right format.`);
  }
  return format === "jsonl" ? jsonLines(path, line) : delimited(path, format, line, mapping.header);
}

type Format = Exclude<TableFormat["format"], "auto"> | "text";

function guess(path: string): Format {
  const extension = /\.([^./\\]+)$/.exec(path.toLowerCase().replace(/\.gz$/, ""))?.[1];
  if (extension === "parquet" || extension === "pq") return "parquet";
  if (extension === "jsonl" || extension === "ndjson" || extension === "json") return "jsonl";
  if (extension === "tsv" || extension === "tab" || extension === "inter") return "tsv";
  return "text";
}

async function delimited(path: string, format: Format, line: string, header: boolean): Promise<Table> {
  const separators = ["::", "\t", ",", ";", "|"];
  const separator =
    format === "::"
      ? "::"
      : format === "tsv"
        ? "\t"
        : format === "csv"
          ? ","
          : (separators.find((s) => line.includes(s)) ?? ",");
  const quoted = separator !== "::" && separator !== "\t";
  const fields = splitLine(line.replace(/^\uFEFF/, ""), separator, quoted);
  const columns = fields.map((_, at) => `'c${at}': 'varchar'`).join(", ");
  const quote = quoted ? `'"'` : "''";
  const compression = (await isGzipFile(path)) ? "gzip" : "none";
  return {
    file: path,
    names: header ? fields : fields.map((_, at) => String(at)),
    named: header,
    column: (at) => `c${at}`,
    from: `read_csv(?, delim = '${separator}', header = false, skip = ${header ? 1 : 0}, auto_detect = false, quote = ${quote}, escape = ${quote}, compression = '${compression}', columns = {${columns}})`,
    parameters: [literal(path)],
  };
}

function jsonLines(path: string, line: string): Table {
  let first: unknown;
  try {
    first = JSON.parse(line);
  } catch {
    first = undefined;
  }
  if (typeof first !== "object" || first === null || Array.isArray(first)) {
    throw new UserError(`${path}: line 1: not a JSON object; give one object a line (JSON lines).`);
  }
  const names = Object.keys(first);
  if (names.some((name) => name.includes("\0"))) {
    throw new UserError(`${path}: line 1: a key holds a NUL character; rename it.`);
  }
  const columns = names.map((name) => `'${name.replaceAll("'", "''")}': 'varchar'`).join(", ");
  return {
    file: path,
    names,
    named: true,
    keyed: true,
    column: quoteName(names),
    from: `read_json(?, format = 'newline_delimited', columns = {${columns}})`,
    parameters: [literal(path)],
  };
}

async function parquet(path: string, connection: DuckDBConnection): Promise<Table> {
  const parameters = [literal(path)];
  const reader = await connection.runAndReadAll("describe select * from read_parquet(?)", parameters).catch(() => {
    throw new UserError(`${path}: is not a whole Parquet file; it may be cut short or of another format.`);
  });
  const described = reader.getRows();
  const names = described.map((row) => String(row[0]));
  const nested = (at: number) => /\]$/.test(String(described[at]![1]));
  return { file: path, names, named: true, nested, column: quoteName(names), from: "read_parquet(?)", parameters };
}

const quoteName = (names: readonly string[]) => (at: number) => `"${names[at]!.replaceAll('"', '""')}"`;

/** An absolute path in which DuckDB's glob characters stand for themselves. */
const literal = (path: string) => resolve(path).replace(/[[*?]/g, "[$&]");
