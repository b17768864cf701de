// What a matrix's own numbers say of the bytes that it takes.

import { formatCount } from "../../base/format.ts";
import type { Finding } from "../../report/diagnosis.ts";
import { formatShare } from "../../report/figures.ts";
import { firstAlike } from "../../tables/alike-rows.ts";

/** Rows × cols numbers, row-major, and the bytes that they take where they are. */
export interface Matrix {
  readonly name: string;
  readonly rows: number;
  readonly cols: number;
  readonly data: Float32Array;
  readonly bytes: number;
}

export interface Zeros {
  /** Numbers that are not 0. */
  readonly kept: number;
  readonly rows: number;
  readonly cols: number;
}

/** Fewer are padding, an unknown id, chance. */
const fewestRows = 8;
const leastShare = 0.01;
/** Below this a list of places takes as much as the zeros did. */
const leastZeros = 0.5;

export function countZeros({ rows, cols, data }: Matrix): Zeros {
  const used = new Uint8Array(cols);
  let [kept, empty] = [0, 0];
  for (let r = 0; r < rows; r++) {
    let own = 0;
    for (let c = 0; c < cols; c++) {
      if (data[r * cols + c] === 0) continue;
      own++;
      used[c] = 1;
    }
    kept += own;
    if (own === 0) empty++;
  }
  return { kept, rows: empty, cols: cols - used.reduce((sum, one) => sum + one, 0) };
}

/** Of an embedding table, however it is kept. */
export function examineTable(table: Matrix, zeros: Zeros): Finding[] {
  const { name, rows, cols, bytes } = table;
  if (zeros.kept === 0) return [];
  const found: Finding[] = [];
  const same = firstAlike(table.data, rows, cols).reduce((sum, first, r) => sum + Number(first < r), 0);
  if (same >= fewestRows && same >= leastShare * rows) {
    found.push({
      ...{ kind: "unused-rows", where: name, bytes: Math.round((bytes * same) / rows) },
      what: `${formatCount(same)} of ${formatCount(rows)} rows (${formatShare(same / rows)}) repeat another row: nothing was learned of them.`,
      mend: "pass prune-rows with share 0 keeps each once, and a map of ids; or drop these ids when the data is cleaned.",
    });
  }
  if (zeros.cols > 0) {
    found.push({
      ...{ kind: "zero-columns", where: name, bytes: Math.round((bytes * zeros.cols) / cols) },
      what: `${formatCount(zeros.cols)} of ${formatCount(cols)} columns are 0 in every row.`,
      mend: `pass low-rank with rank ${cols - zeros.cols} leaves them out and changes no score.`,
    });
  }
  return found;
}

/** Of numbers that are kept one by one: zeros that take as much as others. */
export function examineDense(table: Matrix, zeros: Zeros): Finding[] {
  const { name, rows, cols, bytes } = table;
  const inside = (rows - zeros.rows) * (cols - zeros.cols);
  const scattered = inside - zeros.kept;
  if (zeros.kept === 0 || inside < 64 || scattered < leastZeros * inside) return [];
  return [
    {
      ...{ kind: "sparse-as-dense", where: name, bytes: Math.round((bytes * scattered) / (rows * cols)) },
      what: `${formatShare(scattered / inside)} of its numbers are 0 and take as much as the others.`,
      mend: "pass prune-magnitude keeps only the others and their places; in a dense layer prune whole neurons instead.",
    },
  ];
}
