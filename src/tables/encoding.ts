// What an encoding must do, and the checks that all of them share: tables come out of artifacts and may be hostile.

import { UserError } from "../base/errors.ts";
import type { Table, Tensor } from "./table.ts";

export interface Encoding {
  /** Its rows are entropy-coded together: reading one costs as much as reading all. */
  readonly whole?: boolean;
  /** Throws a UserError unless the tensors have the lengths that rows × cols need; cheap, decodes nothing. */
  check(table: Table): void;
  /** Rows [from, to), dense and row-major. The table has passed check. */
  decode(table: Table, from: number, to: number): Float32Array;
}

/** Encodings whose numbers are those of a table within, `values`. */
export const nesting: ReadonlySet<string> = new Set(["sparse", "shared-rows", "turned"]);

/** "int8-row table (10 × 64)", the start of every complaint about a table. */
export const describeTable = (table: Table): string => `${table.encoding} table (${table.rows} × ${table.cols})`;

/** The only tensors of `table` under `names`, each of the given type and length. */
export function expectTensors(
  table: Table,
  expected: Readonly<Record<string, { type: readonly TensorType[]; length?: number }>>,
): void {
  const complaint = (what: string) =>
    new UserError(`${describeTable(table)}: ${what}; the artifact is damaged, seal it again.`);
  for (const [name, { type, length }] of Object.entries(expected)) {
    const tensor = table.tensors[name];
    if (tensor === undefined) throw complaint(`tensor "${name}" is missing`);
    if (!type.some((T) => tensor instanceof T)) throw complaint(`tensor "${name}" has the wrong number type`);
    if (length !== undefined && tensor.length !== length) {
      throw complaint(`tensor "${name}" must hold ${length} numbers, got ${tensor.length}`);
    }
  }
  const extra = Object.keys(table.tensors).find((name) => !Object.hasOwn(expected, name));
  if (extra !== undefined) throw complaint(`tensor "${extra}" does not belong to it`);
  if (table.values && !nesting.has(table.encoding)) throw complaint("a table of its encoding has no values");
  if (table.bands && table.encoding !== "mixed-rows") throw complaint("a table of its encoding has no bands");
}

export type TensorType = { new (n: number): Tensor };
