// Pieces of rows and the few vectors that stand for them (product quantisation: Jégou, Douze & Schmid, 2011).

import type { Rng } from "../base/rng.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { assignNearest, kmeans } from "../kernels/kmeans.ts";

/** Pieces for each vector that k-means learns from, at most (as FAISS does), and those named at once. */
const LEARNED = 256;
const BLOCK = 2 ** 18;

/** Pieces of rows: of every row `taken` next to each other, from the `first` on. */
export interface Pieces {
  readonly data: Float32Array;
  readonly cols: number;
  readonly sub: number;
  readonly first: number;
  readonly taken: number;
  readonly count: number;
}

/** How rows of `cols` numbers are cut: pieces of `sub` numbers, the last one filled up. */
export function cut(cols: number, pieces: number): { readonly sub: number; readonly parts: number } {
  const sub = Math.ceil(cols / Math.min(pieces, cols));
  return { sub, parts: Math.ceil(cols / sub) };
}

/** Piece `at`, ending with zeros where the row does, into `out` at `to`. */
export function copyPiece({ data, cols, sub, first, taken }: Pieces, at: number, out: Float32Array, to: number): void {
  const row = Math.floor(at / taken);
  const from = (first + at - row * taken) * sub;
  for (let c = 0; c < sub; c++) out[to + c] = from + c < cols ? data[row * cols + from + c]! : 0;
}

/** k-means over all pieces, or over as many as its centroids need, one drawn from each of so many runs. */
export async function learnVectors(
  kernels: Kernels,
  pieces: Pieces,
  clusters: number,
  iterations: number,
  state: Uint32Array,
  rng: Rng,
): Promise<Float32Array> {
  const { count, sub } = pieces;
  const n = Math.min(count, LEARNED * clusters);
  const scope = kernels.scope();
  try {
    const points = scope.f32(n * sub);
    for (let i = 0; i < n; i++) {
      copyPiece(pieces, n === count ? i : Math.floor(((i + rng.uniform()) * count) / n), points, i * sub);
    }
    return (await kmeans(kernels, points, n, sub, { clusters, iterations, state })).centroids;
  } finally {
    scope.free();
  }
}

/** Calls `named` with the nearest vector of every piece, block by block. */
export async function nameVectors(
  kernels: Kernels,
  pieces: Pieces,
  vectors: Float32Array,
  named: (piece: number, vector: number) => void,
): Promise<void> {
  const { count, sub } = pieces;
  const scope = kernels.scope();
  try {
    const size = Math.min(count, BLOCK);
    const [points, nearest, centroids] = [scope.f32(size * sub), scope.i32(size), scope.copy(vectors)];
    for (let from = 0; from < count; from += size) {
      const n = Math.min(size, count - from);
      for (let i = 0; i < n; i++) copyPiece(pieces, from + i, points, i * sub);
      await assignNearest(kernels, points.subarray(0, n * sub), n, sub, centroids, nearest.subarray(0, n));
      for (let i = 0; i < n; i++) named(from + i, nearest[i]!);
    }
  } finally {
    scope.free();
  }
}
