// The rows that a graph reads from a table file, with their labels or without.

import type { ForeignArtifact } from "../artifact/foreign.ts";
import { UserError } from "../base/errors.ts";
import type { RawTable } from "../data/raw-table.ts";
import { readRows } from "../node/rows.ts";
import { wantedColumns } from "../pipeline/row-feeds.ts";

/** "item_id=movie,country=land" as what each column is called in the file. */
export function renamed(columns: string | undefined): Record<string, string> {
  const pairs = (columns?.split(",") ?? []).map((part) => {
    const [name, from] = part.split("=", 2);
    if (!name || !from) throw new UserError(`--columns: "${part}" must be COLUMN=NAME, as in item_id=movie.`);
    return [name, from];
  });
  return Object.fromEntries(pairs);
}

/** The columns that `artifact` reads of `file`, called as `columns` says, and the label's beside them. */
export function readRowFile(
  file: string,
  artifact: ForeignArtifact,
  columns: string | undefined,
  label?: string,
): Promise<RawTable> {
  const wanted = wantedColumns(artifact, renamed(columns));
  if (label === undefined) return readRows(file, { format: "auto", header: true, columns: wanted });
  if (wanted.some(({ name, from }) => name === label || from === label))
    throw new UserError(`--label ${label}: the model reads that column; it would be told what it is to say.`);
  const labels = { name: label, from: label, as: "numbers" } as const;
  return readRows(file, { format: "auto", header: true, columns: [...wanted, labels] });
}
