// All eigenvalues and eigenvectors of a small dense symmetric matrix, in float64: Householder reduction to tridiagonal
// form, then implicit QL (EISPACK tred2 and tql2). One thread; n ≤ 512 is what it is for.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";

/** Eigenvalues descending; vectors n×n row-major, row j is the unit eigenvector of values[j]. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Decomposes the symmetric A (n×n, its lower triangle is read; A may be reused afterwards). */
export function symmetricEigen(_k: Kernels, A: Float32Array, n: number): Eigen {
  checkLength("A", A, n * n);
  // Z is kept transposed (row j = column j of the textbook's Z), so that every inner loop runs along memory.
  const Z = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      if (!Number.isFinite(A[i * n + j]!)) throw new RangeError(`A[${i}, ${j}] is ${A[i * n + j]}`);
      Z[i * n + j] = A[i * n + j]!;
      Z[j * n + i] = A[i * n + j]!;
    }
  }
  const diagonal = new Float64Array(n);
  const below = new Float64Array(n);
  reduce(Z, n, diagonal, below);
  iterate(Z, n, diagonal, below);
  const order = Array.from(diagonal.keys()).sort((i, j) => diagonal[j]! - diagonal[i]!);
  const vectors = new Float64Array(n * n);
  for (const [to, from] of order.entries()) vectors.set(Z.subarray(from * n, (from + 1) * n), to * n);
  return { values: Float64Array.from(order, (i) => diagonal[i]!), vectors };
}

/** Z ← Qᵀ, with QᵀAQ tridiagonal: diagonal d, subdiagonal e[1…]. Reflector i is v = Z[i, 0:i), A ← (I−βvvᵀ)A(I−βvvᵀ). */
function reduce(Z: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  const beta = new Float64Array(n);
  const p = new Float64Array(n);
  for (let i = n - 1; i > 0; i--) {
    const v = Z.subarray(i * n, i * n + i);
    let squared = 0;
    for (let c = 0; c < i - 1; c++) squared += v[c]! ** 2;
    const last = v[i - 1]!;
    if (squared === 0) {
      e[i] = last;
      continue;
    }
    const alpha = last > 0 ? -Math.sqrt(squared + last * last) : Math.sqrt(squared + last * last);
    e[i] = alpha;
    v[i - 1] = last - alpha;
    beta[i] = 2 / (squared + (last - alpha) ** 2);
    let dot = 0;
    for (let r = 0; r < i; r++) {
      let sum = 0;
      for (let c = 0; c < i; c++) sum += Z[r * n + c]! * v[c]!;
      p[r] = beta[i]! * sum;
      dot += p[r]! * v[r]!;
    }
    const half = (beta[i]! * dot) / 2;
    for (let r = 0; r < i; r++) p[r]! -= half * v[r]!;
    for (let r = 0; r < i; r++) {
      for (let c = 0; c < i; c++) Z[r * n + c]! -= v[r]! * p[c]! + p[r]! * v[c]!;
    }
  }
  // Q = H(n−1) … H(1) is built in the leading block, smallest reflector first; Qᵀ ← Qᵀ·H needs rows, hence Z = Qᵀ.
  for (let i = 0; i < n; i++) {
    d[i] = Z[i * n + i]!;
    const v = Z.slice(i * n, i * n + i);
    for (let c = 0; c < i; c++) {
      Z[i * n + c] = 0;
      Z[c * n + i] = 0;
    }
    Z[i * n + i] = 1;
    for (let r = 0; beta[i]! > 0 && r < i; r++) {
      let sum = 0;
      for (let c = 0; c < i; c++) sum += Z[r * n + c]! * v[c]!;
      sum *= beta[i]!;
      for (let c = 0; c < i; c++) Z[r * n + c]! -= sum * v[c]!;
    }
  }
}

/** Implicit QL: d becomes the eigenvalues, the rotations are applied to the rows of Z. */
function iterate(Z: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  e.copyWithin(0, 1);
  if (n > 0) e[n - 1] = 0;
  for (let l = 0; l < n; l++) {
    for (let round = 0; ; round++) {
      let m = l;
      while (m < n - 1 && Math.abs(e[m]!) > Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++;
      if (m === l) break;
      if (round === 60) throw new RangeError("the QL iteration did not converge");
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let r = Math.hypot(g, 1);
      g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
      let s = 1;
      let c = 1;
      let p = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        for (let at = i * n; at < (i + 1) * n; at++) {
          const t = Z[at + n]!;
          Z[at + n] = s * Z[at]! + c * t;
          Z[at] = c * Z[at]! - s * t;
        }
      }
      if (r === 0 && i >= l) continue;
      d[l]! -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}
