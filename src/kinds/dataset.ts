// A dataset turns files (or a seed) into events.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Events } from "../data/interactions.ts";

/** Columns read from a file; a column the mapping leaves out is absent. */
export interface Columns {
  user: string[];
  item: string[];
  value?: Float64Array;
  time?: Float64Array;
}

/** What a dataset may ask of its surroundings; node/ provides it. */
export interface Reader {
  /** Reads a CSV, TSV, "::", Parquet or JSON-lines file (gzip too) through the column mapping. */
  columns(path: string, mapping: ColumnMapping): Promise<Columns>;
  /** The text of a UTF-8 file (gzip too); one that is not valid UTF-8 is refused, or read in the fallback. */
  text(path: string, fallback?: "latin1"): Promise<string>;
  /** The first line of a file that is not empty (gzip too). */
  firstLine(path: string): Promise<string>;
  /** Whether a file is there. */
  exists(path: string): Promise<boolean>;
}

export interface ColumnMapping {
  format: "auto" | "csv" | "tsv" | "::" | "parquet" | "jsonl";
  header: boolean;
  /** Column names, or 0-based positions where the file has no header. */
  user: string | number;
  item: string | number;
  value?: string | number | undefined;
  time?: string | number | undefined;
}

export interface Dataset {
  readonly events: Events;
  /** Which part a source with its own split puts each event in: 0 train, 1 validation, 2 test. */
  readonly part?: Uint8Array;
  /** A readable name for each item, for reports. */
  readonly titles?: readonly string[];
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
