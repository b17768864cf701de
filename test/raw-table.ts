// Tables as a reader would give them, from plain columns.

import { type RawTable, wordsOf } from "../src/data/raw-table.ts";

/** Words where a column's first value is a text, else numbers. */
export const tableOf = (columns: Record<string, (string | number)[]>): RawTable => ({
  n: Object.values(columns)[0]!.length,
  columns: new Map(
    Object.entries(columns).map(([name, values]) => [
      name,
      typeof values[0] === "string"
        ? wordsOf(values as string[])
        : { kind: "numbers", values: Float64Array.from(values as number[]) },
    ]),
  ),
});
