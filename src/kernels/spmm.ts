// Sparse × dense: graph propagation. Its gradient with respect to X is spmm with the transposed matrix.

import { balancedRanges, type Csr, checkCsr, checkLength, parts } from "./check.ts";
import type { Kernels } from "./kernels.ts";

/**
 * out (rows×width) = S·X for the CSR matrix S and X (cols×width), float32 in kernel memory; `accumulate` adds to out.
 * Same bits for any number of threads; the column indices must be below cols.
 */
export async function spmm(
  k: Kernels,
  matrix: Csr,
  rows: number,
  X: Float32Array,
  width: number,
  out: Float32Array,
  options: { readonly accumulate?: boolean } = {},
): Promise<void> {
  checkCsr("matrix", matrix, rows);
  checkLength("out", out, rows * width);
  if (width > 0 && X.length % width !== 0)
    throw new RangeError(`X must have rows of ${width}, got ${X.length} numbers`);
  const { indptr, indices, values } = matrix;
  const calls = balancedRanges(indptr, rows, (indices.length + rows) * width < 1 << 17 ? 1 : parts(k));
  const add = options.accumulate ? 1 : 0;
  await k.parallel(
    "spmmRows",
    calls.map(([r0, r1]) => [
      ...[indptr.byteOffset, indices.byteOffset, values?.byteOffset ?? 0, X.byteOffset, width],
      ...[out.byteOffset, r0, r1, add],
    ]),
  );
}
