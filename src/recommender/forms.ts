// The forms that a table can take in an ONNX graph (lower-table.ts). All give the same numbers, but for rounding; which is
// the fastest depends on the runtime, the processor and the shape, and is measured (pipeline/lowering).
//
//     packed           as small as the encoding is; rows that are picked are unpacked, a table that products read is
//                      unpacked once, when a runtime opens the model
//     column-blocks    the same bytes, in an order from which a byte's numbers are columns far apart: unpacking joins
//                      blocks and interleaves nothing
//     look-up          the same bytes; each picks its numbers from a list of all 256
//     integers         products with all rows in whole numbers, the query in 16 bits (two halves of 8)
//     float32          unpacked in the file: larger, and the form that the others are measured by
//     block-quantized  ONNX Runtime's own operators (com.microsoft), on request alone: other runtimes know none of them

import { UserError } from "../base/errors.ts";
import { describeTable } from "../tables/encoding.ts";
import type { Table } from "../tables/table.ts";
import type { Recommender, TableName } from "./recommender.ts";

export const forms = ["packed", "column-blocks", "look-up", "integers", "float32", "block-quantized"] as const;
export type Form = (typeof forms)[number];

/** A form for each table; those that are left out are packed. */
export type Forms = Readonly<Partial<Record<TableName, Form>>>;

/** What a graph asks of a table. */
export interface Asked {
  /** Rows by an index. */
  readonly rows: boolean;
  /** Products of a vector with all rows. */
  readonly products: boolean;
}

/** Numbers that the encoding keeps in whole numbers of so many bits, with a scale and a bias for each row. */
export const rowBits: ReadonlyMap<string, 8 | 4 | 2> = new Map([
  ["int8-row", 8],
  ["int4-row", 4],
  ["int2-row", 2],
]);

/** The forms that a table can take, packed first; none where there is nothing to choose. */
export function formsOf(table: Table, asked: Asked, contrib: boolean): Form[] {
  if (!asked.rows && !asked.products) return [];
  if (table.encoding === "shared-rows") {
    const within = formsOf(table.values!, asked, contrib);
    return within.length > 0 ? within : ["packed", "float32"];
  }
  if (table.encoding === "f32" || table.encoding === "sparse") return [];
  const bits = rowBits.get(table.encoding);
  const found: Form[] = ["packed"];
  // What products read is unpacked once, in whichever order.
  if (bits !== undefined && bits < 8 && !asked.products) found.push("column-blocks", "look-up");
  if (bits !== undefined && asked.products) found.push("integers");
  found.push("float32");
  if (contrib && bits !== undefined && bits > 2 && blockOf(table.cols) !== undefined) found.push("block-quantized");
  return found;
}

/** Throws a UserError where the table named cannot take the form. */
export function checkForm(name: string, table: Table, form: Form): void {
  const known = new Set<Form>(["packed"]);
  for (const products of [false, true])
    for (const one of formsOf(table, { rows: true, products }, true)) known.add(one);
  if (known.has(form)) return;
  throw new UserError(
    `${name}: a ${describeTable(table)} has no form "${form}", it has ${[...known].join(", ")}; plan anew.`,
  );
}

/** Columns of a block: the largest power of two that divides all of them, where ONNX Runtime takes it. */
export function blockOf(cols: number): number | undefined {
  const block = Math.min(256, cols & -cols);
  return block >= 16 ? block : undefined;
}

/** What the graph of a recommender asks of its tables. */
export function askedOf({ query, tables, encoder }: Recommender): ReadonlyMap<TableName, Asked> {
  const own = query === "history" ? (tables.history ? "history" : "item") : "user";
  const scored = tables.item !== undefined && query !== "none";
  const asked = new Map<TableName, Asked>();
  if (query !== "none" && tables[own] && (encoder || !isNeighbours(tables, own)))
    asked.set(own, { rows: true, products: own === "item" && scored });
  if (scored && own !== "item") asked.set("item", { rows: false, products: true });
  for (const name of ["gain", "bias"] as const) if (tables[name]) asked.set(name, { rows: false, products: false });
  return asked;
}

/** A sparse table of neighbours has a form of its own (lower.ts). */
const isNeighbours = (tables: Recommender["tables"], own: TableName): boolean =>
  own === "history" && !tables.item && tables.history?.encoding === "sparse";
