// An experiment's users: which variant each was in, and what each did, from rows of events or of users.

import { UserError } from "../../base/errors.ts";
import type { RawTable } from "../../data/raw-table.ts";
import { type CheckedRows, checkedRows, type Excluded } from "../checked-rows.ts";

export interface Units {
  /** Ids; one number a user in what follows. */
  readonly ids: readonly string[];
  readonly variants: readonly string[];
  /** variants[variant[u]]; -1 for a user who was in several, and counts nowhere. */
  readonly variant: Int32Array;
  readonly rows: CheckedRows;
  /** The user of each row. */
  readonly user: Int32Array;
  readonly excluded: readonly Excluded[];
}

/** Reads the columns `user`, `variant` and those of `needed`; `where` (a file) starts every error. */
export function readUnits(table: RawTable, where: string, needed: readonly string[]): Units {
  const rows = checkedRows(table, where, ["user", "variant", ...needed]);
  const { words: ids, code: user } = rows.words("user");
  const { words, code } = rows.words("variant");
  if (words.length < 2)
    throw new UserError(`${where}: variant is "${words[0]}" in every row; an experiment has two or more.`);
  if (words.length > 20)
    throw new UserError(`${where}: variant has ${words.length} values; an experiment has at most 20.`);
  const variants = words.toSorted();
  const rank = words.map((word) => variants.indexOf(word));
  const variant = new Int32Array(ids.length).fill(-2);
  for (let r = 0; r < rows.n; r++) {
    const u = user[r]!;
    const v = rank[code[r]!]!;
    variant[u] = variant[u] === -2 || variant[u] === v ? v : -1;
  }
  const mixed = user.filter((u) => variant[u] === -1).length;
  const excluded =
    mixed === 0 ? rows.excluded : [...rows.excluded, { why: "a user who is in several variants", rows: mixed }];
  return { ids, variants, variant, rows, user, excluded };
}

/** The sum of a column's values over each user's rows. */
export function sums({ ids, user, rows }: Units, column: string): Float64Array {
  const values = rows.numbers(column);
  const total = new Float64Array(ids.length);
  for (let r = 0; r < rows.n; r++) total[user[r]!]! += values[r]!;
  return total;
}

/** The mean of a column's values over each user's rows that have one; NaN where none has. */
export function means({ ids, user, rows }: Units, column: string): Float64Array {
  const values = rows.numbers(column);
  const total = new Float64Array(ids.length);
  const count = new Float64Array(ids.length);
  for (let r = 0; r < rows.n; r++) {
    if (Number.isNaN(values[r])) continue;
    total[user[r]!]! += values[r]!;
    count[user[r]!]!++;
  }
  return total.map((sum, u) => (count[u] === 0 ? Number.NaN : sum / count[u]!));
}
