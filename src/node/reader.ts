// The Reader of datasets: DuckDB for tables (query.ts), node:fs for texts. Here, columns of events; any columns in rows.ts.

import type { DuckDBConnection } from "@duckdb/node-api";
import { must, UserError } from "../base/errors.ts";
import { parseTime, secondsOf } from "../data/time.ts";
import type { ColumnMapping, Columns, Reader } from "../kinds/reader.ts";
import { isFile } from "./disk.ts";
import { placeOf, withTable } from "./query.ts";
import { readRows } from "./rows.ts";
import type { Table } from "./table.ts";
import { firstLine, readText } from "./text.ts";

/** A reader of local files. Every failure is a UserError of one sentence with file, row, what was got and what to do. */
export function createReader(): Reader {
  return {
    columns: readColumns,
    rows: readRows,
    text: readText,
    firstLine,
    exists: isFile,
  };
}

type Role = "user" | "item" | "value" | "time";

async function readColumns(path: string, mapping: ColumnMapping): Promise<Columns> {
  const roles: Role[] = ["user", "item"];
  if (mapping.value !== undefined) roles.push("value");
  if (mapping.time !== undefined) roles.push("time");
  return withTable(path, mapping, (connection, table) => {
    const place = roles.map((role) => placeOf(table, role, must(mapping[role], role)));
    return collect(connection, table, roles, place);
  });
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
