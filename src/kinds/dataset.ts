// A dataset turns files (or a seed) into events.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Events } from "../data/interactions.ts";
import type { RawTable } from "../data/raw-table.ts";
import type { Reader } from "./reader.ts";

export interface Dataset {
  readonly events: Events;
  /** Which part a source with its own split puts each event in: 0 train, 1 validation, 2 test. */
  readonly part?: Uint8Array;
  /** A readable name for each item, for reports. */
  readonly titles?: readonly string[];
  /** What is known of each user and item, such as age or genres: row r is of the vocabulary's r-th. */
  readonly userFeatures?: RawTable;
  readonly itemFeatures?: RawTable;
}

export interface DatasetMethod<S extends z.ZodType = z.ZodType> {
  readonly kind: "dataset";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  readonly license: string;
  load(options: z.output<S>, context: { read: Reader; rng: Rng }): Promise<Dataset>;
}

export const defineDataset = <S extends z.ZodType>(method: Omit<DatasetMethod<S>, "kind">): DatasetMethod<S> => ({
  kind: "dataset",
  ...method,
});
