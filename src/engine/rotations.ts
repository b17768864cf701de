// Random orthogonal matrices: a matrix of normal numbers, its rows made orthonormal (Stewart 1980: uniform over all of
// them). Gram and Schmidt's steps are taken twice, so that float64 rounding is all that is left.

import type { Rng } from "../base/rng.ts";
import { gemmNN } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";

/** An n × n orthogonal matrix. */
export function randomRotation(n: number, rng: Rng): Float32Array {
  const rows: Float64Array[] = [];
  while (rows.length < n) {
    const row = Float64Array.from({ length: n }, () => rng.normal());
    for (let round = 0; round < 2; round++) {
      for (const other of rows) {
        let dot = 0;
        for (let i = 0; i < n; i++) dot += row[i]! * other[i]!;
        for (let i = 0; i < n; i++) row[i]! -= dot * other[i]!;
      }
    }
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
    // Nearly within the others' span: what is left is rounding. Another row is drawn.
    if (length < 1e-6) continue;
    rows.push(row.map((x) => x / length));
  }
  const out = new Float32Array(n * n);
  rows.forEach((row, r) => {
    out.set(row, r * n);
  });
  return out;
}

/** Turns rows of n in kernel memory, all by the same rotation: their products stay as they are. */
export async function turnRows(kernels: Kernels, rows: Float32Array, n: number, rng: Rng): Promise<void> {
  const scope = kernels.scope();
  try {
    await gemmNN(kernels, scope.copy(rows), scope.copy(randomRotation(n, rng)), rows.length / n, n, n, rows);
  } finally {
    scope.free();
  }
}
