// Sparse × dense: graph propagation. Its gradient with respect to X is spmm with the transposed matrix. Same bits for
// any number of threads; the column indices of a matrix must be below the rows of X.

import { balancedRanges, type Csr, checkCsr, checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";

/** Few rows that stand for a table with as many rows as `slots` has numbers: row r is rows[slots[r]], 0 if negative. */
export interface FewRows {
  readonly rows: Float32Array;
  readonly slots: Int32Array;
}

interface Sum {
  /** Added to the product: as many rows as the matrix; may be out itself. */
  readonly add?: Float32Array | FewRows | undefined;
  /** Multiplies the sum (1 without it). */
  readonly scale?: number | undefined;
}

/** out (rows×width) = scale·(add + S·X) for the CSR matrix S and X (cols×width), float32 in kernel memory. */
export async function spmm(
  k: Kernels,
  matrix: Csr,
  rows: number,
  X: Float32Array,
  width: number,
  out: Float32Array,
  { add, scale = 1 }: Sum = {},
): Promise<void> {
  checkOperands(matrix, rows, X, width);
  checkLength("out", out, rows * width);
  const few = add && "slots" in add ? add : undefined;
  const base = few ? few.rows : (add as Float32Array | undefined);
  if (few) checkLength("add.slots", few.slots, rows);
  else if (base) checkLength("add", base, rows * width);
  const { indptr, indices, values } = matrix;
  const calls = balancedRanges(indptr, rows, (indices.length + rows) * width < 1 << 17 ? 1 : parts(k));
  await k.parallel(
    "spmmRows",
    calls.map(([r0, r1]) => [
      ...[indptr.byteOffset, indices.byteOffset, values?.byteOffset ?? 0, X.byteOffset, width],
      ...[base?.byteOffset ?? 0, few?.slots.byteOffset ?? 0, 0, out.byteOffset, r0, r1, scale],
    ]),
  );
}

/** out (picked.length×width) = scale·(add[picked] + S[picked]·X): the product at some rows, which must be below `rows`. */
export async function spmmPicked(
  k: Kernels,
  matrix: Csr,
  rows: number,
  picked: Int32Array,
  X: Float32Array,
  width: number,
  out: Float32Array,
  { add, scale }: { readonly add: Float32Array; readonly scale: number },
): Promise<void> {
  checkOperands(matrix, rows, X, width);
  checkLength("picked", picked, picked.length);
  checkLength("add", add, rows * width);
  checkLength("out", out, picked.length * width);
  const { indptr, indices, values } = matrix;
  await k.parallel(
    "spmmRows",
    ranges(picked.length, 2 * parts(k)).map(([t0, t1]) => [
      ...[indptr.byteOffset, indices.byteOffset, values?.byteOffset ?? 0, X.byteOffset, width],
      ...[add.byteOffset, 0, picked.byteOffset, out.byteOffset, t0, t1, scale],
    ]),
  );
}

/** out (rows×width) = scale·(X + S·X) for an X that is zero outside a few rows and a square S with values. */
export async function spmmFew(
  k: Kernels,
  matrix: Required<Csr>,
  rows: number,
  { rows: X, slots }: FewRows,
  width: number,
  out: Float32Array,
  scale: number,
): Promise<void> {
  checkOperands(matrix, rows, X, width);
  checkLength("slots", slots, rows);
  checkLength("out", out, rows * width);
  const { indptr, indices, values } = matrix;
  let longest = 0;
  for (let r = 0; r < rows; r++) longest = Math.max(longest, indptr[r + 1]! - indptr[r]!);
  const calls = balancedRanges(indptr, rows, parts(k));
  const scope = k.scope();
  try {
    const scratch = scope.u8(8 * longest * calls.length).byteOffset;
    await k.parallel(
      "spmmFew",
      calls.map(([r0, r1], call) => [
        ...[indptr.byteOffset, indices.byteOffset, values.byteOffset, X.byteOffset, width, slots.byteOffset],
        ...[out.byteOffset, r0, r1, scale, scratch + 8 * longest * call],
      ]),
    );
  } finally {
    scope.free();
  }
}

function checkOperands(matrix: Csr, rows: number, X: Float32Array, width: number): void {
  checkCsr("matrix", matrix, rows);
  if (width > 0 && X.length % width !== 0)
    throw new RangeError(`X must have rows of ${width}, got ${X.length} numbers`);
}
