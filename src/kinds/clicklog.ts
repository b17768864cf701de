// A click log turns files into labelled rows: who saw what, in which context, and whether they took it. Datasets give
// events and rankings; click logs give tables and probabilities.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { ColumnOptions } from "../data/columns/columns.ts";
import type { LabelledTable } from "../data/labelled.ts";
import type { Reader } from "./reader.ts";

export interface ClickLog extends LabelledTable {
  /** Feature columns that suit this log. */
  readonly columns: readonly ColumnOptions[];
}

export interface ClickLogMethod<S extends z.ZodType = z.ZodType> {
  readonly kind: "clicklog";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  readonly license: string;
  load(options: z.output<S>, context: { read: Reader; rng: Rng }): Promise<ClickLog>;
}

export const defineClickLog = <S extends z.ZodType>(method: Omit<ClickLogMethod<S>, "kind">): ClickLogMethod<S> => ({
  kind: "clicklog",
  ...method,
});
