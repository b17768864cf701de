// Where items' directions may begin: a teacher's own, or the smoothest signals on the graph of users and items (GF-CF,
// arXiv 2108.07567), which are the leading right singular vectors of D_u^-½ X D_i^-½. Both are turned at random, so that
// no number of a row says more than another and few levels lose alike in all.

import type { Rng } from "../base/rng.ts";
import type { Interactions } from "../data/interactions.ts";
import { symmetricEigen } from "../kernels/eigen.ts";
import { gemmNN } from "../kernels/gemm.ts";
import { gramDense } from "../kernels/gram.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { interactionProducts, leadingVectors, orthonormalize } from "./spectral.ts";

const ITERATIONS = 5;
/** Noise beside unit rows: a direction for items that nobody took. */
const NOISE = 1e-3;

/** items × d, of no particular lengths. */
export async function smoothStart(
  kernels: Kernels,
  train: Interactions,
  counts: Int32Array,
  d: number,
  rng: Rng,
): Promise<Float32Array> {
  const { users, items } = train;
  const scope = kernels.scope();
  try {
    const x = interactionProducts(kernels, scope, train);
    const root = Float32Array.from(counts, (count) => 1 / Math.sqrt(Math.max(1, count)));
    const share = Float32Array.from(
      { length: users },
      (_, u) => 1 / Math.max(1, train.indptr[u + 1]! - train.indptr[u]!),
    );
    const rank = Math.min(d, items);
    const most = 4 * Math.ceil((rank + 8) / 4);
    const [scaled, middle] = [scope.f32(items * most), scope.f32(users * most)];
    // D_i^-½ Xᵀ D_u^-1 X D_i^-½ Ω
    const apply = async (y: Float32Array, width: number, out: Float32Array) => {
      const [a, b] = [scaled.subarray(0, items * width), middle.subarray(0, users * width)];
      a.set(y);
      scaleRows(a, root, width);
      await x.by(a, width, b);
      scaleRows(b, share, width);
      await x.byT(b, width, out);
      scaleRows(out, root, width);
    };
    const { vectors } = await leadingVectors(kernels, scope, items, rank, apply, rng.fork("vectors"), ITERATIONS);
    return await turned(kernels, vectors, items, rank, d, rng.fork("turn"));
  } finally {
    scope.free();
  }
}

/** A teacher's rows (items × width) in d dimensions, the leading ones where those are fewer. */
export async function teacherDirections(
  kernels: Kernels,
  rows: Float32Array,
  items: number,
  d: number,
  rng: Rng,
): Promise<Float32Array> {
  const width = rows.length / items;
  const rank = Math.min(width, d);
  const scope = kernels.scope();
  try {
    const [known, gram] = [scope.copy(rows), scope.f32(width * width)];
    await gramDense(kernels, known, items, width, gram);
    const { vectors } = symmetricEigen(kernels, gram, width);
    const leading = scope.f32(width * rank);
    for (let i = 0; i < width; i++) for (let c = 0; c < rank; c++) leading[i * rank + c] = vectors[c * width + i]!;
    const out = scope.f32(items * rank);
    await gemmNN(kernels, known, leading, items, width, rank, out);
    return await turned(kernels, out, items, rank, d, rng.fork("turn"));
  } finally {
    scope.free();
  }
}

/** items × rank numbers as items × d, d ≥ rank, in a frame drawn at random, with next to no noise. */
async function turned(
  kernels: Kernels,
  vectors: Float32Array,
  items: number,
  rank: number,
  d: number,
  draws: Rng,
): Promise<Float32Array> {
  const scope = kernels.scope();
  try {
    const turn = scope.f32(d * d);
    for (let i = 0; i < turn.length; i++) turn[i] = draws.normal();
    await orthonormalize(kernels, turn, d, d);
    const rows = scope.f32(items * d);
    await gemmNN(kernels, vectors, scope.copy(turn.slice(0, rank * d)), items, rank, d, rows);
    const out = rows.slice();
    const size = NOISE / Math.sqrt(d * items);
    for (let i = 0; i < out.length; i++) out[i]! += size * draws.normal();
    return out;
  } finally {
    scope.free();
  }
}

function scaleRows(x: Float32Array, factors: Float32Array, width: number): void {
  for (const [r, factor] of factors.entries()) {
    for (let at = r * width; at < (r + 1) * width; at++) x[at]! *= factor;
  }
}
