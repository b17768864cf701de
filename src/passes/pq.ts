// Product quantisation (Jégou, Douze & Schmid, 2011): each of a row's pieces becomes the nearest of 256 vectors found by
// k-means, one byte a piece. After `rotate` the pieces are alike and may share one codebook, which short tables cannot do
// without; with several it is OPQ with a random rotation (Ge et al., 2013).

import { z } from "zod";
import type { Rng } from "../base/rng.ts";
import { encodeDense, matrices, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { bookError, bookOption, keepBook } from "../engine/kept-books.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { assignNearest, kmeans } from "../kernels/kmeans.ts";
import { definePass } from "../kinds/pass.ts";
import { type KeptNumbers, readKept } from "../tables/kept-numbers.ts";
import { vectorTable } from "../tables/vector-codes.ts";

const VECTORS = 256;
/** Pieces for each vector that k-means learns from, at most (as FAISS does), and those named at once. */
const LEARNED = 256;
const BLOCK = 2 ** 18;
const HALF_MAX = 65504;

export default definePass({
  name: "pq",
  summary: "Keep every piece of a row as one of 256 vectors, a byte a piece (product quantisation).",
  options: z.strictObject({
    tables: tablesOption(matrices),
    pieces: z.int().min(1).max(1024).default(16).describe("Bytes of a row: into how many pieces it is cut."),
    shared: z
      .boolean()
      .default(true)
      .describe("One codebook for all pieces; false: one for each, which takes more bytes."),
    codebooks: bookOption,
    iterations: z.int().min(1).max(100).default(20).describe("Steps of k-means, at most."),
  }),
  tolerance({ codebooks }, dense) {
    // A vector is the mean of pieces: it lies where the numbers lie.
    const [min, max] = rangeOf(dense);
    return Math.max(max, 0) - Math.min(min, 0) + Math.max(-min, max) * 2 * bookError(codebooks) + 2 ** -24;
  },
  encode(table, { tables, pieces, shared, codebooks, iterations }, { kernels, rng }, name) {
    if (!tables.includes(name)) return table;
    return encodeDense(table, async ({ rows, cols }, data) => {
      if (data.length === 0) return { refused: "it is empty" };
      const [min, max] = rangeOf(data);
      if (Math.max(-min, max) > HALF_MAX) return { refused: "its range is beyond 16-bit floating point" };
      const sub = Math.ceil(cols / Math.min(pieces, cols));
      const parts = Math.ceil(cols / sub);
      const taken = shared ? parts : 1;
      const clusters = Math.min(VECTORS, rows * taken);
      const codes = new Uint8Array(rows * parts);
      const books: KeptNumbers[] = [];
      const state = Uint32Array.from({ length: 4 }, () => rng.u32() | 1);
      for (let first = 0; first < parts; first += taken) {
        const pieces = { data, cols, sub, first, taken, count: rows * taken };
        const learned = await learnVectors(kernels, pieces, clusters, iterations, state, rng);
        const book = keepBook(kernels, learned, codebooks);
        await namePieces(kernels, pieces, readKept(book), parts, codes);
        books.push(book);
      }
      return vectorTable("pq", [rows, cols], parts, codes, books);
    });
  },
});

/** Pieces of rows: of every row `taken` next to each other, from the `first` on. */
interface Pieces {
  readonly data: Float32Array;
  readonly cols: number;
  readonly sub: number;
  readonly first: number;
  readonly taken: number;
  readonly count: number;
}

/** Piece `at`, ending with zeros where the row does, into `out` at `to`. */
function copyPiece({ data, cols, sub, first, taken }: Pieces, at: number, out: Float32Array, to: number): void {
  const row = Math.floor(at / taken);
  const from = (first + at - row * taken) * sub;
  for (let c = 0; c < sub; c++) out[to + c] = from + c < cols ? data[row * cols + from + c]! : 0;
}

/** k-means over all pieces, or over as many as its centroids need, one drawn from each of so many runs. */
async function learnVectors(
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

/** Writes the nearest vector of every piece, block by block. */
async function namePieces(
  kernels: Kernels,
  pieces: Pieces,
  vectors: Float32Array,
  parts: number,
  codes: Uint8Array,
): Promise<void> {
  const { count, sub, first, taken } = pieces;
  const scope = kernels.scope();
  try {
    const size = Math.min(count, BLOCK);
    const [points, nearest, centroids] = [scope.f32(size * sub), scope.i32(size), scope.copy(vectors)];
    for (let from = 0; from < count; from += size) {
      const n = Math.min(size, count - from);
      for (let i = 0; i < n; i++) copyPiece(pieces, from + i, points, i * sub);
      await assignNearest(kernels, points.subarray(0, n * sub), n, sub, centroids, nearest.subarray(0, n));
      for (let i = 0; i < n; i++) {
        const row = Math.floor((from + i) / taken);
        codes[row * parts + first + from + i - row * taken] = nearest[i]!;
      }
    }
  } finally {
    scope.free();
  }
}
