// One row of a table against some others of it, as a ranking loss over one user's candidates needs it.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";
import { checkIds, rowCount } from "./rows.ts";

/** Rows `first + ids[c]` of `table` (rows × width) against row `own`. */
export interface Against {
  readonly table: Float32Array;
  readonly width: number;
  readonly own: number;
  readonly first: number;
  readonly ids: Int32Array;
}

/** out[c] = row own · row first + ids[c]; out has at least ids.length elements. */
export function scoreCandidates(k: Kernels, against: Against, out: Float32Array): void {
  check(k, against, "out", out);
  const { table, width, own, first, ids } = against;
  k.exports["scoreCandidates"]!(table.byteOffset, own, first, ids.byteOffset, ids.length, width, out.byteOffset);
}

/** Adds to `gradient`, of the table's shape, that of a loss whose slope by the score of candidate c is slopes[c]. */
export function pullCandidates(k: Kernels, against: Against, slopes: Float32Array, gradient: Float32Array): void {
  check(k, against, "slopes", slopes);
  const { table, width, own, first, ids } = against;
  checkLength("gradient", gradient, table.length);
  const [from, to] = [table.byteOffset, gradient.byteOffset];
  k.exports["pullCandidates"]!(...[from, to, own, first, ids.byteOffset, slopes.byteOffset, ids.length, width]);
}

function check(k: Kernels, { table, width, own, first, ids }: Against, what: string, values: Float32Array): void {
  const rows = rowCount("table", table, width);
  checkLength("table", table, table.length);
  if (!(own >= 0 && own < rows && first >= 0)) throw new RangeError(`row ${own} is not in a table of ${rows} rows`);
  checkIds(k, "ids", ids, rows - first);
  checkLength(what, values.subarray(0, ids.length), ids.length);
}
