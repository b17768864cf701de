// Made-up rows for a teacher to answer, in the manner of MUNGE (Bucilă, Caruana & Niculescu-Mizil, "Model Compression",
// KDD 2006): each is a row of the table in which some columns hold what another row has there. MUNGE takes a row's nearest
// neighbour for the other one; here any row may be it, for columns of words have no distance.

import type { Rng } from "../base/rng.ts";
import type { RawTable } from "./raw-table.ts";
import { takeRows } from "./raw-table.ts";

export interface Recombination {
  /** Made-up rows for each row of the table. */
  readonly times: number;
  /** How likely a column is to come from the other row. */
  readonly swap: number;
  /** Columns that may; all of them where absent. */
  readonly columns?: readonly string[] | undefined;
}

/** times · n rows; row r starts from row r mod n of the table. */
export function recombine(table: RawTable, { times, swap, columns }: Recombination, rng: Rng): RawTable {
  const n = Math.round(times * table.n);
  const donors = rng.fork("donors");
  const donor = Int32Array.from({ length: n }, () => donors.below(table.n));
  const made = [...table.columns].map(([name, column]) => {
    const own = rng.fork(`column ${name}`);
    const free = columns?.includes(name) ?? true;
    const from = Int32Array.from(donor, (other, r) => (free && own.uniform() < swap ? other : r % table.n));
    return [name, takeRows({ n: table.n, columns: new Map([[name, column]]) }, from).columns.get(name)!] as const;
  });
  return { n, columns: new Map(made) };
}
