// Any labelled table, or three of them with the given division, read through a list of feature columns.

import { z } from "zod";
import { columnOptions } from "../data/columns/columns.ts";
import { readAs } from "../data/columns/read-as.ts";
import { holdOut, holdoutOptions } from "../data/holdout.ts";
import { joinTables, type RawTable } from "../data/raw-table.ts";
import { targets } from "../data/targets.ts";
import { defineClickLog } from "../kinds/clicklog.ts";
import { formatOption, type RowMapping } from "../kinds/reader.ts";

const column = z.string().min(1);

export default defineClickLog({
  name: "table",
  summary: "Any labelled CSV, TSV, “::”, Parquet or JSON-lines file, by label and feature columns.",
  license: "yours",
  options: z.strictObject({
    path: z.string().min(1).describe("The file; of train where the other two are given."),
    validation: z.string().min(1).optional().describe("The file of the validation rows."),
    test: z.string().min(1).optional().describe("The file of the test rows; with one given, nothing is held out."),
    format: formatOption.describe("auto: by extension, and for text by the separator in the first line."),
    header: z.boolean().default(true).describe("Whether a text's first line names its columns; else they are 0, 1, …"),
    label: column.describe("Column of the label."),
    threshold: z.number().optional().describe("Labels of at least this are 1; without it labels are 0 and 1."),
    group: column.optional().describe("Column of the user, for metrics by user."),
    time: column.optional().describe("Column of the time: Unix seconds, milliseconds or ISO 8601."),
    columns: z.array(columnOptions).min(1).max(10_000).describe("The feature columns."),
    holdout: holdoutOptions,
  }),
  async load({ path, validation, test, format, header, columns, holdout, ...target }, { read, rng, beside = [] }) {
    const own = toRead(columns, target);
    const more = beside.filter((name) => own.every((column) => column.name !== name));
    const also = more.map((name) => ({ name, from: name, as: "words" as const }));
    const mapping: RowMapping = { format, header, columns: [...own, ...also] };
    const apart = (all: RawTable) => {
      const kept = [...all.columns].filter(([name]) => !more.includes(name));
      const others = [...all.columns].filter(([name]) => more.includes(name));
      return { table: { n: all.n, columns: new Map(kept) }, beside: new Map(others) };
    };
    if (validation === undefined && test === undefined) {
      const table = await read.rows(path, mapping);
      const part = holdOut(table.n, holdout, rng.fork("holdout"), targets(table, target).time);
      return { ...apart(table), part, target, columns };
    }
    const files = [path, validation, test].flatMap((file, part) => (file === undefined ? [] : [{ file, part }]));
    const tables = await Promise.all(files.map(({ file }) => read.rows(file, mapping)));
    const part = files.flatMap((file, f) => Array.from({ length: tables[f]!.n }, () => file.part));
    return { ...apart(joinTables(tables)), part: Uint8Array.from(part), target, columns };
  },
});

interface Target {
  label: string;
  group?: string | undefined;
  time?: string | undefined;
}

/** The feature columns, and those of the target as what these are. */
function toRead(columns: readonly z.output<typeof columnOptions>[], target: Target): RowMapping["columns"] {
  const as = new Map<string, RowMapping["columns"][number]["as"]>(readAs(columns));
  if (target.group !== undefined && as.get(target.group) !== "lists") as.set(target.group, "words");
  if (!as.has(target.label)) as.set(target.label, "numbers");
  if (target.time !== undefined) as.set(target.time, "times");
  return [...as].map(([name, form]) => ({ name, from: name, as: form }));
}
