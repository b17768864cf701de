// Plain-text tables that fit a terminal: the least important columns leave first.

import { formatTable } from "../base/format.ts";

const widest = 100;

export interface TextColumn<T> {
  readonly head: string;
  readonly of: (one: T) => string;
  /** The largest leaves first where a line would be too long; 0 stays. */
  readonly leaves: number;
}

/** The table with as many columns as fit in 100 characters. */
export function fitted<T>(columns: readonly TextColumn<T>[], rows: readonly T[]): string {
  const text = formatTable([columns.map(({ head }) => head), ...rows.map((one) => columns.map(({ of }) => of(one)))]);
  const last = columns.reduce((a, b) => (b.leaves > a.leaves ? b : a));
  if (last.leaves === 0 || text.split("\n").every((line) => line.length <= widest)) return text;
  return fitted(
    columns.filter((column) => column !== last),
    rows,
  );
}
