// Dense float32 matrix products. B is packed once into panels of 8 columns, A block by block into strips of 4 rows, so
// one 4 × 8 register tile serves every transposition. Each element is summed over k in the same order (blocks of KC)
// whatever the tile or range, so splitting a product over threads does not change a bit of it.

import { packStrip, tile } from "./tile";

const MR: i32 = 4;
const NR: i32 = 8;
const KC: i32 = 256;
const MC: i32 = 64;

/** Bytes that gemmPanels needs at `scratch`: a packed block of A and one tile. */
export function gemmScratch(): i32 {
  return (MC * KC + MR * NR) << 2;
}

/** Packs panels [p0, p1) of the K × n matrix b(k, j) = B[k·ks + j·js]; panel p holds columns 8p … 8p+7 as [k][8]. */
export function packPanels(B: usize, ks: i32, js: i32, K: i32, n: i32, p0: i32, p1: i32, out: usize): void {
  for (let p = p0; p < p1; p++) {
    const j = p * NR;
    const from = B + ((<usize>j * <usize>js) << 2);
    packStrip(from, js, ks, min(NR, n - j), NR, K, out + ((<usize>p * <usize>K) << 5));
  }
}

/** A tile of which only rows × cols lie inside C. */
function edgeTile(a: usize, b: usize, K: i32, C: usize, ldc: usize, mode: i32, rows: i32, cols: i32, t: usize): void {
  tile(a, 16, b, 32, K, t, 32, 0);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const at = C + <usize>r * ldc + (<usize>c << 2);
      const v = load<f32>(t + (<usize>(r * NR + c) << 2));
      store<f32>(at, mode == 0 ? v : mode > 0 ? load<f32>(at) + v : load<f32>(at) - v);
    }
  }
}

/**
 * C[m0:m1, n0:n1] (mode 0 =, 1 +=, −1 −=) a·b with a(i, k) = A[i·is + k·ks], b packed by packPanels, n0 a multiple of 8,
 * C row-major with ldc columns.
 */
export function gemmPanels(
  A: usize, is: i32, ks: i32, K: i32, B: usize, C: usize, ldc: i32,
  m0: i32, m1: i32, n0: i32, n1: i32, mode: i32, scratch: usize,
): void {
  const spare = scratch + (<usize>(MC * KC) << 2);
  const row = <usize>ldc << 2;
  for (let k0 = 0; k0 == 0 || k0 < K; k0 += KC) {
    const kc = min(KC, K - k0);
    const how = k0 > 0 && mode == 0 ? 1 : mode;
    for (let i0 = m0; i0 < m1; i0 += MC) {
      const iEnd = min(i0 + MC, m1);
      for (let i = i0; i < iEnd; i += MR) {
        const from = A + ((<usize>i * <usize>is + <usize>k0 * <usize>ks) << 2);
        packStrip(from, is, ks, min(MR, iEnd - i), MR, kc, scratch + (<usize>((i - i0) * kc) << 2));
      }
      for (let j = n0; j < n1; j += NR) {
        const b = B + ((<usize>(j >> 3) * <usize>K + <usize>k0) << 5);
        const cols = min(NR, n1 - j);
        for (let i = i0; i < iEnd; i += MR) {
          const a = scratch + (<usize>((i - i0) * kc) << 2);
          const c = C + <usize>i * row + (<usize>j << 2);
          const rows = min(MR, iEnd - i);
          if (rows == MR && cols == NR) tile(a, 16, b, 32, kc, c, row, how);
          else edgeTile(a, b, kc, c, row, how, rows, cols, spare);
        }
      }
    }
  }
}
