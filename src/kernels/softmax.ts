// Softmax cross-entropy over rows whose target is column 0, and row normalisation with its backward.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";

/**
 * p = softmax(scores / temperature) by rows; returns L = mean_r -log p[r,0] and writes grad = ∂L/∂scores (rows × cols),
 * which may be scores itself. The exponential has a relative error ≤ 1e-6.
 */
export function softmaxLossRows(
  k: Kernels,
  scores: Float32Array,
  rows: number,
  cols: number,
  temperature: number,
  grad: Float32Array,
): number {
  checkLength("scores", scores, rows * cols);
  checkLength("grad", grad, rows * cols);
  if (!(temperature > 0)) throw new RangeError(`temperature must be positive, got ${temperature}`);
  if (rows === 0 || cols === 0) throw new RangeError("a softmax needs at least one row and its target column");
  const scope = k.scope();
  try {
    const losses = scope.f64(rows);
    k.exports["softmaxLossRows"]!(
      ...[scores.byteOffset, rows, cols, 1 / temperature, 1 / rows, grad.byteOffset, losses.byteOffset],
    );
    let loss = 0;
    for (const value of losses) loss += value;
    return loss / rows;
  } finally {
    scope.free();
  }
}

/** Divides each of the rows of X (rows × d) by its length, which goes to norms (rows); a zero row stays zero. */
export function l2NormalizeRows(k: Kernels, X: Float32Array, rows: number, d: number, norms: Float32Array): void {
  checkLength("X", X, rows * d);
  checkLength("norms", norms, rows);
  k.exports["l2NormalizeRows"]!(X.byteOffset, rows, d, norms.byteOffset);
}

/** out = (grad - x·(x·grad)) / norm for normalised rows x: the gradient before normalisation. out may be grad itself. */
export function l2NormalizeBackward(
  k: Kernels,
  X: Float32Array,
  norms: Float32Array,
  grad: Float32Array,
  rows: number,
  d: number,
  out: Float32Array,
): void {
  checkLength("X", X, rows * d);
  checkLength("norms", norms, rows);
  checkLength("grad", grad, rows * d);
  checkLength("out", out, rows * d);
  k.exports["l2NormalizeBackward"]!(X.byteOffset, norms.byteOffset, grad.byteOffset, rows, d, out.byteOffset);
}
