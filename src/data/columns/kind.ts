// The contract of a column kind: what it learns from the training rows, and how it turns any rows into typed arrays.

import { z } from "zod";
import type { RawColumn } from "../raw-table.ts";

/** How a column's values reach a network. Arrays have one entry (or `width`) a row of the raw column. */
export type Encoder =
  | {
      readonly shape: "id";
      readonly rows: number;
      /** Row numbers from 0 to rows - 1 of the column's own rows. */
      encode(raw: RawColumn): Int32Array;
    }
  | {
      readonly shape: "numbers";
      readonly width: number;
      encode(raw: RawColumn): Float32Array;
    }
  | {
      readonly shape: "bag";
      readonly rows: number;
      readonly length: number;
      readonly pool: "mean" | "sum";
      readonly pad: "left" | "right";
      /** Row numbers as in `id`, at most `length` a row; 0 is padding and never among them. */
      encode(raw: RawColumn): { start: Uint32Array; ids: Int32Array };
    }
  | {
      readonly shape: "dense";
      readonly width: number;
      encode(raw: RawColumn): Float32Array;
    };

/** `options` are a person's; `fitted` is what ships: the options and what was learnt, plain JSON. */
export interface ColumnKind<O extends z.ZodObject, F extends z.ZodObject> {
  readonly summary: string;
  readonly options: O;
  readonly fitted: F;
  /** Learns from training rows only. `where` starts every error. */
  fit(raw: RawColumn, options: z.output<O>, where: string): z.output<F>;
  encoder(fitted: z.output<F>, where: string): Encoder;
}

export const defineColumn = <O extends z.ZodObject, F extends z.ZodObject>(kind: ColumnKind<O, F>): ColumnKind<O, F> =>
  kind;

/** What every kind's options begin with. */
export const source = {
  column: z.string().min(1).max(200).describe("The column of the table."),
  name: z.string().min(1).max(200).optional().describe("What the network calls it; the column's name without it."),
};

export const separator = z
  .string()
  .min(1)
  .max(8)
  .default("|")
  .describe("What stands between the elements where the column is text.");

export const buckets = z.number().int().min(1).max(1e9);
export const seed = z.number().int().min(0).max(0xffffffff);
