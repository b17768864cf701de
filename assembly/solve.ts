// The inverse of a symmetric positive definite matrix by block sweeps. Sweeping block K with D = A_KK, the rest R:
// A_RR −= A_RK·D⁻¹·A_KR, A_RK ← A_RK·D⁻¹, A_KK ← −D⁻¹; after all blocks A = −A⁻¹. Only the lower triangle is kept up,
// n³ operations in all, nearly all of them in gemmPanels. D is positive definite in each step iff A is.

import { gemmPanels, packPanels } from "./gemm";

/** P = D⁻¹ (nb × nb float32) for D = A[k0:k0+nb, k0:k0+nb], in float64 at `work`; 0 if D is not positive definite. */
export function sweepPivot(A: usize, n: i32, k0: i32, nb: i32, P: usize, work: usize): i32 {
  const bytes = <usize>nb << 3;
  for (let i = 0; i < nb; i++) {
    for (let j = 0; j <= i; j++) {
      const v = <f64>load<f32>(A + ((<usize>(k0 + i) * <usize>n + <usize>(k0 + j)) << 2));
      store<f64>(work + <usize>i * bytes + (<usize>j << 3), v);
      store<f64>(work + <usize>j * bytes + (<usize>i << 3), v);
    }
  }
  for (let p = 0; p < nb; p++) {
    const row = work + <usize>p * bytes;
    const at = <usize>p << 3;
    const pivot = load<f64>(row + at);
    if (!(pivot > 0 && pivot < Infinity)) return 0;
    store<f64>(row + at, 1);
    for (let c: usize = 0; c < bytes; c += 8) store<f64>(row + c, load<f64>(row + c) / pivot);
    for (let i = 0; i < nb; i++) {
      if (i == p) continue;
      const other = work + <usize>i * bytes;
      const f = load<f64>(other + at);
      store<f64>(other + at, 0);
      const ff = f64x2.splat(f);
      let c: usize = 0;
      for (; c + 16 <= bytes; c += 16) {
        v128.store(other + c, f64x2.sub(v128.load(other + c), f64x2.mul(ff, v128.load(row + c))));
      }
      if (c < bytes) store<f64>(other + c, load<f64>(other + c) - f * load<f64>(row + c));
    }
  }
  for (let c = 0; c < nb * nb; c++) store<f32>(P + (<usize>c << 2), <f32>load<f64>(work + (<usize>c << 3)));
  return 1;
}

/**
 * Rows [r0, r1), r0 a multiple of 8: C = A_:K (0 for rows of K), its panels in `packed`, and W = C·P with P packed in
 * `pivot`.
 */
export function sweepColumn(
  A: usize, n: i32, k0: i32, nb: i32, pivot: usize, C: usize, packed: usize, W: usize, r0: i32, r1: i32, scratch: usize,
): void {
  const bytes = <usize>nb << 2;
  for (let r = r0; r < r1; r++) {
    const to = C + <usize>r * bytes;
    if (r >= k0 + nb) memory.copy(to, A + ((<usize>r * <usize>n + <usize>k0) << 2), bytes);
    else if (r >= k0) memory.fill(to, 0, bytes);
    else {
      for (let k = 0; k < nb; k++) {
        store<f32>(to + (<usize>k << 2), load<f32>(A + ((<usize>(k0 + k) * <usize>n + <usize>r) << 2)));
      }
    }
  }
  packPanels(C, 1, nb, nb, n, r0 >> 3, (r1 + 7) >> 3, packed);
  gemmPanels(C, nb, 1, nb, pivot, W, nb, r0, r1, 0, nb, 0, scratch);
}

/** Row block [m0, m1) of the lower triangle after the sweep; a row block is either K itself or beside it. */
export function sweepUpdate(
  A: usize, n: i32, k0: i32, nb: i32, P: usize, packed: usize, W: usize, m0: i32, m1: i32, scratch: usize,
): void {
  const bytes = <usize>nb << 2;
  if (m0 == k0) {
    for (let i = 0; i < nb; i++) {
      const row = A + ((<usize>(k0 + i) * <usize>n) << 2);
      for (let r = 0; r < k0; r++) {
        store<f32>(row + (<usize>r << 2), load<f32>(W + <usize>r * bytes + (<usize>i << 2)));
      }
      for (let j = 0; j < nb; j++) {
        store<f32>(row + (<usize>(k0 + j) << 2), -load<f32>(P + <usize>i * bytes + (<usize>j << 2)));
      }
    }
    return;
  }
  gemmPanels(W, nb, 1, nb, packed, A, n, m0, m1, 0, m1, -1, scratch);
  if (m0 < k0) return;
  for (let r = m0; r < m1; r++) memory.copy(A + ((<usize>r * <usize>n + <usize>k0) << 2), W + <usize>r * bytes, bytes);
}

/** Rows [r0, r1): the lower triangle changes its sign and is mirrored above the diagonal. */
export function sweepFinish(A: usize, n: i32, r0: i32, r1: i32): void {
  for (let i = r0; i < r1; i += 16) {
    const end = min(i + 16, r1);
    for (let c = 0; c < end; c++) {
      for (let r = max(i, c); r < end; r++) {
        const at = A + ((<usize>r * <usize>n + <usize>c) << 2);
        const v = -load<f32>(at);
        store<f32>(at, v);
        store<f32>(A + ((<usize>c * <usize>n + <usize>r) << 2), v);
      }
    }
  }
}
