// Gram matrices XᵀX of sparse and dense float32 matrices; the same bits for any number of threads.

import { balancedRanges, type Csr, checkCsr, checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";

const DENSE_PARTS = 16;

/** out (items×items, both triangles) = XᵀX for the CSR matrix X (users×items), in kernel memory. */
export async function gramSparse(k: Kernels, X: Csr, users: number, items: number, out: Float32Array): Promise<void> {
  checkCsr("X", X, users);
  checkLength("out", out, items * items);
  const scope = k.scope();
  try {
    const tIndptr = scope.i32(items + 1);
    const tIndices = scope.i32(X.indices.length);
    const tValues = X.values && scope.f32(X.indices.length);
    const work = new Float64Array(items + 1);
    for (let u = 0; u < users; u++) {
      const [start, end] = [X.indptr[u]!, X.indptr[u + 1]!];
      for (let t = start; t < end; t++) {
        tIndptr[X.indices[t]! + 1]!++;
        work[X.indices[t]! + 1]! += end - start;
      }
    }
    for (let i = 0; i < items; i++) {
      tIndptr[i + 1]! += tIndptr[i]!;
      work[i + 1]! += work[i]!;
    }
    const next = tIndptr.slice(0, items);
    for (let u = 0; u < users; u++) {
      for (let t = X.indptr[u]!; t < X.indptr[u + 1]!; t++) {
        const at = next[X.indices[t]!]!++;
        tIndices[at] = u;
        if (X.values && tValues) tValues[at] = X.values[t]!;
      }
    }
    await k.parallel(
      "gramRows",
      balancedRanges(work, items, parts(k)).map(([i0, i1]) => [
        ...[X.indptr.byteOffset, X.indices.byteOffset, X.values?.byteOffset ?? 0],
        ...[tIndptr.byteOffset, tIndices.byteOffset, tValues?.byteOffset ?? 0, items, out.byteOffset, i0, i1],
      ]),
    );
  } finally {
    scope.free();
  }
}

/** out (d×d) = weight · XᵀX for X (rows×d): fixed blocks of rows apart, then summed in order. */
export async function gramDense(
  k: Kernels,
  X: Float32Array,
  rows: number,
  d: number,
  out: Float32Array,
  weight = 1,
): Promise<void> {
  checkLength("X", X, rows * d);
  checkLength("out", out, d * d);
  out.fill(0);
  if (rows === 0) return;
  const scope = k.scope();
  try {
    const blocks = ranges(rows, Math.min(DENSE_PARTS, Math.ceil(rows / 256)));
    const partial = scope.f32(blocks.length * d * d);
    const bytes = k.exports["gramScratch"]!(d, Math.ceil(rows / blocks.length));
    const scratch = scope.u8(bytes * blocks.length).byteOffset;
    await k.parallel(
      "gramBlock",
      blocks.map(([r0, r1], i) => [
        ...[X.byteOffset + r0 * d * 4, r1 - r0, d, partial.byteOffset + i * d * d * 4, scratch + i * bytes],
      ]),
    );
    for (let i = 0; i < d * d; i++) {
      let sum = 0;
      for (let at = i; at < partial.length; at += d * d) sum += partial[at]!;
      out[i] = sum * weight;
    }
  } finally {
    scope.free();
  }
}
