// Who is near whom by what they have in common: the rows of a matrix of interactions by cosine.

import { type Interactions, rowOf, transpose } from "./interactions.ts";

/** The `k` nearest other rows of each row, nearest first, equal ones by number: row r is [r*k, (r+1)*k); -1 pads. */
export function nearestRows(matrix: Interactions, k: number): Int32Array {
  const { users: n } = matrix;
  const columns = transpose(matrix);
  const lengthOf = (row: number) => Math.sqrt(rowOf(matrix, row).length);
  const nearest = new Int32Array(n * k).fill(-1);
  const common = new Float64Array(n);
  for (let row = 0; row < n; row++) {
    const met: number[] = [];
    for (const column of rowOf(matrix, row)) {
      for (const other of rowOf(columns, column)) {
        if (other === row) continue;
        if (common[other] === 0) met.push(other);
        common[other]! += 1 / lengthOf(other);
      }
    }
    met.sort((a, b) => common[b]! - common[a]! || a - b);
    nearest.set(met.slice(0, k), row * k);
    for (const other of met) common[other] = 0;
  }
  return nearest;
}
