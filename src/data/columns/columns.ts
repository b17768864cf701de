// Feature columns: fitted on training rows, then applied to any rows, and kept as JSON in the artifact. Single-valued
// categorical columns share one id space: a column's rows follow those of the columns before it.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import type { Bag, Dense, Examples } from "../examples.ts";
import { columnOf, type RawColumn, type RawTable } from "../raw-table.ts";
import { bucketed } from "./buckets.ts";
import { category } from "./category.ts";
import { hash } from "./hash.ts";
import type { ColumnKind, Encoder } from "./kind.ts";
import { number } from "./number.ts";
import { sequence } from "./sequence.ts";
import { tags } from "./tags.ts";
import { vector } from "./vector.ts";

/** A column as a person writes it; `kind` says which. */
export const columnOptions = z.discriminatedUnion("kind", [
  category.options,
  hash.options,
  number.options,
  bucketed.options,
  tags.options,
  sequence.options,
  vector.options,
]);
const fittedColumn = z.discriminatedUnion("kind", [
  category.fitted,
  hash.fitted,
  number.fitted,
  bucketed.fitted,
  tags.fitted,
  sequence.fitted,
  vector.fitted,
]);
const most = 10_000;
const fittedColumns = z.array(fittedColumn).min(1).max(most);

export type ColumnOptions = z.input<typeof columnOptions>;
/** A column with what it learnt: plain JSON. */
export type FittedColumn = z.output<typeof fittedColumn>;

/** The kinds of columns by name. Which one a column is, is known only at run time: behind its name each has the common type. */
export const columnKinds = { category, hash, number, buckets: bucketed, tags, sequence, vector } as unknown as Record<
  FittedColumn["kind"],
  ColumnKind<z.ZodObject, z.ZodObject>
>;

export interface Columns {
  /** What ships; openColumns reads it back. */
  readonly fitted: readonly FittedColumn[];
  /** What a network over these columns reads. */
  readonly inputs: {
    readonly fields: number;
    readonly rows: number;
    /** The columns of `ids` in order: rows [first, first + rows) of the shared table are theirs. */
    readonly places: readonly { name: string; first: number; rows: number }[];
    readonly numeric: number;
    readonly bags: readonly { name: string; rows: number; length: number; pool: "mean" | "sum" }[];
    readonly dense: readonly { name: string; width: number }[];
  };
  /** The table's rows as features; labels are added by `targets`. */
  encode(table: RawTable): Omit<Examples, "label">;
}

/** Learns what the columns need from the training rows. A mistake is a UserError that names the column. */
export function fitColumns(train: RawTable, options: readonly ColumnOptions[]): Columns {
  const fitted = options.map((given) => {
    const column = columnOptions.parse(given);
    const where = `column "${column.name ?? column.column}"`;
    const learnt = columnKinds[column.kind].fit(columnOf(train, column.column, where), column, where);
    return learnt as FittedColumn;
  });
  return assemble(fitted, "columns");
}

/** Fitted columns from their JSON, which may come from anybody; `where` starts the error if it is not whole. */
export function openColumns(json: unknown, where: string): Columns {
  const read = fittedColumns.safeParse(json);
  if (read.success) return assemble(read.data, where);
  const [issue] = read.error.issues;
  throw new UserError(
    `${where}: entry ${issue!.path.join(".") || "list"} of the columns: ${issue!.message}; the file is damaged or of another version.`,
  );
}

type Shaped<S extends Encoder["shape"]> = { name: string; column: string; encoder: Extract<Encoder, { shape: S }> };

function assemble(fitted: readonly FittedColumn[], where: string): Columns {
  const names = new Set<string>();
  const parts: { [S in Encoder["shape"]]: Shaped<S>[] } = { id: [], numbers: [], bag: [], dense: [] };
  for (const entry of fitted) {
    const name = entry.name ?? entry.column;
    if (names.has(name)) {
      throw new UserError(`${where}: two columns are called "${name}"; give one of them another name.`);
    }
    names.add(name);
    const place = `column "${name}"`;
    const encoder = columnKinds[entry.kind].encoder(entry, place);
    (parts[encoder.shape] as Shaped<Encoder["shape"]>[]).push({ name, column: entry.column, encoder });
  }
  let rows = 0;
  const places = parts.id.map(({ name, encoder }) => {
    const first = rows;
    rows += encoder.rows;
    return { name, first, rows: encoder.rows };
  });
  if (rows >= 2 ** 31) {
    throw new UserError(`${where}: the categorical columns need ${rows} rows, more than 2^31; hash the largest ones.`);
  }
  const numeric = parts.numbers.reduce((sum, { encoder }) => sum + encoder.width, 0);
  return {
    fitted,
    inputs: {
      fields: places.length,
      rows,
      places,
      numeric,
      bags: parts.bag.map(({ name, encoder: { rows, length, pool } }) => ({ name, rows, length, pool })),
      dense: parts.dense.map(({ name, encoder: { width } }) => ({ name, width })),
    },
    encode(table) {
      const raw = ({ name, column }: { name: string; column: string }): RawColumn =>
        columnOf(table, column, `column "${name}"`);
      const ids = new Int32Array(table.n * places.length);
      for (const [at, part] of parts.id.entries()) {
        const own = part.encoder.encode(raw(part));
        const { first } = places[at]!;
        for (let r = 0; r < table.n; r++) ids[r * places.length + at] = first + own[r]!;
      }
      const numbers = new Float32Array(table.n * numeric);
      let to = 0;
      for (const part of parts.numbers) {
        const { width } = part.encoder;
        const own = part.encoder.encode(raw(part));
        for (let k = 0; k < own.length; k++) numbers[Math.floor(k / width) * numeric + to + (k % width)] = own[k]!;
        to += width;
      }
      const bags = parts.bag.map((part): Bag => {
        const { length, pad } = part.encoder;
        return { name: part.name, length, pad, ...part.encoder.encode(raw(part)) };
      });
      const dense = parts.dense.map(
        (part): Dense => ({
          name: part.name,
          width: part.encoder.width,
          values: part.encoder.encode(raw(part)),
        }),
      );
      return { n: table.n, ids, fields: places.length, numeric: numbers, numbers: numeric, bags, dense };
    },
  };
}
