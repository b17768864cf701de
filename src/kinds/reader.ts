// What datasets ask of their surroundings: files as columns and as text. node/reader.ts provides it.

import { z } from "zod";
import type { RawTable } from "../data/raw-table.ts";

/** Columns read from a file; a column the mapping leaves out is absent. */
export interface Columns {
  user: string[];
  item: string[];
  value?: Float64Array;
  time?: Float64Array;
}

export interface Reader {
  /** Reads a CSV, TSV, "::", Parquet or JSON-lines file (gzip too) through the column mapping. */
  columns(path: string, mapping: ColumnMapping): Promise<Columns>;
  /** Reads any columns of such a file; an empty cell is missing. */
  rows(path: string, mapping: RowMapping): Promise<RawTable>;
  /** The text of a UTF-8 file (gzip too); one that is not valid UTF-8 is refused, or read in the fallback. */
  text(path: string, fallback?: "latin1"): Promise<string>;
  /** The first line of a file that is not empty (gzip too). */
  firstLine(path: string): Promise<string>;
  /** Whether a file is there. */
  exists(path: string): Promise<boolean>;
}

const formats = ["auto", "csv", "tsv", "::", "parquet", "jsonl"] as const;

/** What form a file has; auto goes by its extension, and for text by the separator in its first line. */
export const formatOption: z.ZodDefault<z.ZodEnum<{ [F in (typeof formats)[number]]: F }>> = z
  .enum(formats)
  .default("auto");

export interface TableFormat {
  format: (typeof formats)[number];
  header: boolean;
}

/** How columns are called, where they are (name, or position without a header), and what they are read as. */
export interface RowMapping extends TableFormat {
  columns: readonly { name: string; from: string | number; as: "words" | "numbers" | "times" | "lists" }[];
}

export interface ColumnMapping extends TableFormat {
  /** Column names, or 0-based positions where the file has no header. */
  user: string | number;
  item: string | number;
  value?: string | number | undefined;
  time?: string | number | undefined;
}
