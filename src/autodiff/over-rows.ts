// The product that gives a weight its gradient: it sums over all rows of a batch.

import type { Ops } from "../graph/ops.ts";
import { resized } from "./sum-axes.ts";

/** Narrower matrices than this gain nothing from a transpose. */
const WIDE = 64;

/**
 * xᵀ·y of x [rows, m] and y [rows, n].
 *
 * The narrower one is transposed for real, as ONNX Runtime multiplies faster than by its transA: of 4,096 rows,
 * 400 × 400, 15.9 ms for 21.4; 429 × 400, 17.4 for 23.4; of 6,400 rows, 192 × 64, 2.5 for 3.0; 256 × 64, 3.2 for 4.1
 * (processor time of one thread, the transpose included). On two threads: npm run bench -- gradients.
 */
export function productOverRows(g: Ops, x: string, y: string): string {
  const [m, n] = [g.dims(x)[1]!, g.dims(y)[1]!];
  if (Math.min(m, n) < WIDE) return g.gemm(x, y, undefined, { transA: true });
  if (m <= n) return g.matmul(turned(g, x), y);
  return g.transpose(g.matmul(turned(g, y), x), [1, 0]);
}

/** xᵀ by way of three axes, which keeps ONNX Runtime from folding the transpose into the product. */
function turned(g: Ops, x: string): string {
  const [rows, columns] = g.dims(x) as [number, number];
  return resized(g, g.transpose(g.reshape(x, [1, rows, columns]), [2, 0, 1]), [columns, rows]);
}
