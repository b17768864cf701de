// A rotation learned so that few bits fit turned rows (ITQ: Gong et al., TPAMI 2013, for signs; here any levels, and
// whatever else is few: piece-rotation.ts). With Y = X R the rows as turned so far and Q(Y) their nearest rows of few bits,
//
//     R ← R · argmin_{S orthogonal} ‖Y S - Q(Y)‖²,      S = the orthogonal factor of M = Yᵀ Q(Y),  M (Mᵀ M)^-½

import { symmetricEigen } from "../kernels/eigen.ts";
import { gemmNN, gemmTN } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Table } from "../tables/table.ts";
import { numbersOf } from "./factor-space.ts";
import { fitRowLevels } from "./row-levels.ts";

const STEPS = 30;
/** Rows of a table that are looked at. */
const SAMPLE = 4096;
/** Added to M's diagonal, as a share of its mean: directions without rows stay as they are. */
const RIDGE = 1e-3;
const POLISH = 3;

/** `start` turned further for a few levels a number, for rows of both tables; as orthogonal as `start`. */
export function levelRotation(
  kernels: Kernels,
  tables: readonly Table[],
  start: Float32Array,
  levels: number,
): Promise<Float32Array> {
  const d = tables[0]!.cols;
  return learnedRotation(kernels, unitRows(tables), d, start, (y, near) => {
    const fitted = fitRowLevels(y, y.length / d, d, { levels, learn: false });
    for (let i = 0; i < near.length; i++) {
      near[i] = fitted.scales[Math.floor(i / d)]! * fitted.levels[fitted.indices[i]!]!;
    }
  });
}

/** `start` turned further for whatever `nearest` makes of Y (rows of d numbers in kernel memory), which it writes to `near`. */
export async function learnedRotation(
  kernels: Kernels,
  rows: Float32Array,
  d: number,
  start: Float32Array,
  nearest: (y: Float32Array, near: Float32Array) => void | Promise<void>,
): Promise<Float32Array> {
  const n = rows.length / d;
  let turn = start;
  const scope = kernels.scope();
  try {
    const [x, y, m] = [scope.copy(rows), scope.f32(n * d), scope.f32(d * d)];
    const [by, near, next] = [scope.f32(d * d), scope.f32(n * d), scope.f32(d * d)];
    for (let step = 0; step < STEPS; step++) {
      by.set(turn);
      await gemmNN(kernels, x, by, n, d, d, y);
      await nearest(y, near);
      await gemmTN(kernels, y, near, d, n, d, m);
      const factor = orthogonalFactor(kernels, m, d);
      if (!factor) break;
      m.set(factor);
      await gemmNN(kernels, by, m, d, d, d, next);
      turn = next.slice();
    }
    return polished(Float64Array.from(turn), d);
  } finally {
    scope.free();
  }
}

/** Every so-manieth row, all of one length, so that each counts as much as another. */
function unitRows(tables: readonly Table[]): Float32Array {
  const found: number[] = [];
  for (const table of tables) {
    const { rows, cols } = table;
    for (let r = 0; r < rows; r += Math.ceil(rows / SAMPLE)) {
      const row = numbersOf(table).subarray(r * cols, (r + 1) * cols);
      const length = Math.hypot(...row);
      for (const value of row) found.push(length > 0 ? value / length : 0);
    }
  }
  return Float32Array.from(found);
}

/** M (Mᵀ M)^-½ of a matrix with some of its diagonal added; undefined where that has no length. */
function orthogonalFactor(kernels: Kernels, m: Float32Array, d: number): Float64Array | undefined {
  let trace = 0;
  for (let i = 0; i < d; i++) trace += Math.abs(m[i * d + i]!) / d;
  if (!(trace > 0)) return undefined;
  const a = Float64Array.from(m, (x) => x / trace);
  for (let i = 0; i < d; i++) a[i * d + i]! += RIDGE;
  const scope = kernels.scope();
  try {
    const gram = scope.f32(d * d);
    gram.set(product(transposed(a, d), a, d));
    const { values, vectors } = symmetricEigen(kernels, gram, d);
    if (!(values[d - 1]! > 1e-6 * values[0]!)) return undefined;
    const scaled = vectors.map((x, i) => x / Math.sqrt(values[Math.floor(i / d)]!));
    return product(a, product(transposed(vectors, d), scaled, d), d);
  } finally {
    scope.free();
  }
}

/** The nearest orthogonal matrix of one that almost is (Newton and Schulz):  R ← R (3 - Rᵀ R) / 2. */
function polished(start: Float64Array, d: number): Float32Array {
  let r = start;
  for (let step = 0; step < POLISH; step++) {
    const gap = product(transposed(r, d), r, d).map((x, i) => (3 * Number(i % (d + 1) === 0) - x) / 2);
    r = product(r, gap, d);
  }
  return Float32Array.from(r);
}

function transposed(a: Float64Array, d: number): Float64Array {
  return a.map((_, i) => a[(i % d) * d + Math.floor(i / d)]!);
}

function product(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let k = 0; k < d; k++) {
      const x = a[i * d + k]!;
      for (let j = 0; j < d; j++) out[i * d + j]! += x * b[k * d + j]!;
    }
  }
  return out;
}
