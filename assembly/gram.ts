// The Gramian of a block of dense rows, by the packed product.

import { gemmPanels, gemmScratch, packPanels } from "./gemm";

/** Bytes that gramBlock needs at `scratch` for `rows` rows of d. */
export function gramScratch(d: i32, rows: i32): i32 {
  return gemmScratch() + ((((d + 7) & ~7) * rows) << 2);
}

/** out (d×d) = XᵀX for X (rows×d). */
export function gramBlock(X: usize, rows: i32, d: i32, out: usize, scratch: usize): void {
  const packed = scratch + <usize>gemmScratch();
  packPanels(X, d, 1, rows, d, 0, (d + 7) >> 3, packed);
  gemmPanels(X, 1, d, rows, packed, out, d, 0, d, 0, d, 0, scratch);
}
