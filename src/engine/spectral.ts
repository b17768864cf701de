// Low-rank views of a linear recommender S = X·B (users × items), X the interactions, without ever forming S:
// randomised subspace iteration on SᵀS (Halko, Martinsson & Tropp, arXiv 0909.4061).

import type { Rng } from "../base/rng.ts";
import { type Interactions, transpose } from "../data/interactions.ts";
import { symmetricEigen } from "../kernels/eigen.ts";
import { gemmNN, gemmTN } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { spmm } from "../kernels/spmm.ts";

/** A product by a tall matrix in kernel memory: (rows × width) → out. */
export type Product = (x: Float32Array, width: number, out: Float32Array) => Promise<void>;

/** X · and Xᵀ · for binary interactions; arrays live in `scope`. */
export function interactionProducts(kernels: Kernels, scope: Scope, x: Interactions): { by: Product; byT: Product } {
  const csr = (m: Interactions) => ({ indptr: scope.copy(m.indptr), indices: scope.copy(m.indices) });
  const [forward, backward] = [csr(x), csr(transpose(x))];
  return {
    by: (y, width, out) => spmm(kernels, forward, x.users, y, width, out),
    byT: (y, width, out) => spmm(kernels, backward, x.items, y, width, out),
  };
}

/** Orthonormal columns spanning those of Y (n × r): Y W Λ^-½ with YᵀY = W Λ Wᵀ, twice for accuracy. */
export async function orthonormalize(kernels: Kernels, y: Float32Array, n: number, r: number): Promise<void> {
  const scope = kernels.scope();
  try {
    const gram = scope.f32(r * r);
    const copy = scope.f32(n * r);
    for (let round = 0; round < 2; round++) {
      await gemmTN(kernels, y, y, r, n, r, gram);
      const { values, vectors } = symmetricEigen(kernels, gram, r);
      const basis = scope.f32(r * r);
      for (let c = 0; c < r; c++) {
        const scale = values[c]! > values[0]! * 1e-12 ? 1 / Math.sqrt(values[c]!) : 0;
        for (let i = 0; i < r; i++) basis[i * r + c] = vectors[c * r + i]! * scale;
      }
      copy.set(y);
      await gemmNN(kernels, copy, basis, n, r, r, y);
    }
  } finally {
    scope.free();
  }
}

/**
 * The leading `rank` right singular vectors of S as columns (items × rank) of an array in `scope`, largest first, with
 * their singular values. `apply` is Ω → SᵀS Ω.
 */
export async function leadingVectors(
  kernels: Kernels,
  scope: Scope,
  items: number,
  rank: number,
  apply: Product,
  rng: Rng,
  iterations = 8,
): Promise<{ vectors: Float32Array; values: Float32Array }> {
  const width = Math.min(items, Math.ceil((rank + 8) / 4) * 4);
  const work = kernels.scope();
  try {
    const basis = work.f32(items * width);
    const image = work.f32(items * width);
    for (let i = 0; i < basis.length; i++) basis[i] = rng.normal();
    await orthonormalize(kernels, basis, items, width);
    for (let round = 0; round < iterations; round++) {
      await apply(basis, width, image);
      basis.set(image);
      await orthonormalize(kernels, basis, items, width);
    }
    await apply(basis, width, image);
    const small = work.f32(width * width);
    await gemmTN(kernels, basis, image, width, items, width, small);
    const { values, vectors } = symmetricEigen(kernels, small, width);
    const turn = work.f32(width * rank);
    const singular = new Float32Array(rank);
    for (let c = 0; c < Math.min(rank, width); c++) {
      singular[c] = Math.sqrt(Math.max(0, values[c]!));
      for (let i = 0; i < width; i++) turn[i * rank + c] = vectors[c * width + i]!;
    }
    const out = scope.f32(items * rank);
    await gemmNN(kernels, basis, turn, items, width, rank, out);
    return { vectors: out, values: singular };
  } finally {
    work.free();
  }
}
