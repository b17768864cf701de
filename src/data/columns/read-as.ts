// As what a feature column is read from a file: a column of the file that several features use is read once.

import type { ColumnOptions } from "./columns.ts";

type Form = "words" | "numbers" | "lists";

const forms = {
  ...{ category: "words", hash: "words", number: "numbers", buckets: "numbers" },
  ...{ tags: "lists", sequence: "lists", vector: "lists" },
} as const satisfies Record<ColumnOptions["kind"], Form>;

/** Each column of the file once: as lists, words or numbers, the first of these that a use of it asks for. */
export function readAs(columns: readonly Pick<ColumnOptions, "column" | "kind">[]): Map<string, Form> {
  const as = new Map<string, Form>();
  for (const { column, kind } of columns) {
    const form = forms[kind];
    const held = as.get(column);
    if (held === undefined || held === "numbers" || form === "lists") as.set(column, form);
  }
  return as;
}
