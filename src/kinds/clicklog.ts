// A click log turns files into labelled rows: who saw what, in which context, and whether they took it. Datasets give
// events and rankings; click logs give tables and probabilities.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { ColumnOptions } from "../data/columns/columns.ts";
import type { LabelledTable } from "../data/labelled.ts";
import type { RawColumn } from "../data/raw-table.ts";
import type { Reader } from "./reader.ts";

export interface ClickLog extends LabelledTable {
  /** Feature columns that suit this log. */
  readonly columns: readonly ColumnOptions[];
  /** Of the columns asked for in `beside` those that the table has not. */
  readonly beside?: ReadonlyMap<string, RawColumn>;
}

export interface ClickLogMethod<S extends z.ZodType = z.ZodType> {
  readonly kind: "clicklog";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  readonly license: string;
  /** `beside`: columns that no network reads but slices may; a log that reads all of its columns need not look at it. */
  load(options: z.output<S>, context: { read: Reader; rng: Rng; beside?: readonly string[] }): Promise<ClickLog>;
}

export const defineClickLog = <S extends z.ZodType>(method: Omit<ClickLogMethod<S>, "kind">): ClickLogMethod<S> => ({
  kind: "clicklog",
  ...method,
});
