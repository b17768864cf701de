// Product quantisation (Jégou, Douze & Schmid, 2011): each of a row's pieces becomes the nearest of 256 vectors found by
// k-means, one byte a piece. After `rotate` the pieces are alike and may share one codebook, which short tables cannot do
// without. A rotation that is learned for the pieces (OPQ: Ge et al., CVPR 2013) costs nothing where `rotate` turns users and
// items alike; elsewhere, it is stored beside the rows.

import { z } from "zod";
import type { Rng } from "../base/rng.ts";
import { encodeDense, matrices, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { multiplied, numbersOf } from "../engine/factor-space.ts";
import { type BookForm, bookError, bookOption, keepBook } from "../engine/kept-books.ts";
import { type Cutting, pieceRotation } from "../engine/piece-rotation.ts";
import { cut, learnVectors, nameVectors } from "../engine/pieces.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { definePass } from "../kinds/pass.ts";
import { type KeptNumbers, readKept } from "../tables/kept-numbers.ts";
import type { Table } from "../tables/table.ts";
import { turnedTable } from "../tables/turned.ts";
import { vectorTable } from "../tables/vector-codes.ts";

const VECTORS = 256;
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
    rotation: z
      .enum(["none", "learn"])
      .default("none")
      .describe(
        "learn: turn rows so that pieces fit (OPQ) and store the rotation; for factor models `rotate` is better.",
      ),
    codebooks: bookOption,
    iterations: z.int().min(1).max(100).default(20).describe("Steps of k-means, at most."),
  }),
  tolerance({ codebooks, rotation, pieces }, dense, cols) {
    // A vector is the mean of pieces: it lies where the numbers lie.
    const [min, max] = rangeOf(dense);
    if (rotation === "learn") {
      // Turned, a row and each of its vectors are no longer than the longest row.
      const longest = Math.sqrt(cols) * Math.max(-min, max);
      return longest * (1 + Math.sqrt(Math.min(pieces, cols))) * (1 + 2 * cols * bookError(codebooks));
    }
    return Math.max(max, 0) - Math.min(min, 0) + Math.max(-min, max) * 2 * bookError(codebooks) + 2 ** -24;
  },
  encode(table, { tables, pieces, shared, rotation, codebooks, iterations }, { kernels, rng }, name) {
    if (!tables.includes(name)) return table;
    return encodeDense(table, async (dense, numbers) => {
      if (numbers.length === 0) return { refused: "it is empty" };
      const { rows, cols } = dense;
      const [min, max] = rangeOf(numbers);
      // Turned, all of a row may come to lie in one number.
      const longest = rotation === "learn" ? Math.sqrt(cols) : 1;
      if (longest * Math.max(-min, max) > HALF_MAX) return { refused: "its range is beyond 16-bit floating point" };
      const turn = rotation === "learn" && (await keptTurn(kernels, dense, { pieces, shared }, codebooks, rng));
      const data = turn ? turn.rows : numbers;
      const { sub, parts } = cut(cols, pieces);
      const taken = shared ? parts : 1;
      const clusters = Math.min(VECTORS, rows * taken);
      const codes = new Uint8Array(rows * parts);
      const books: KeptNumbers[] = [];
      const state = Uint32Array.from({ length: 4 }, () => rng.u32() | 1);
      for (let first = 0; first < parts; first += taken) {
        const own = { data, cols, sub, first, taken, count: rows * taken };
        const learned = await learnVectors(kernels, own, clusters, iterations, state, rng);
        const book = keepBook(kernels, learned, codebooks);
        await nameVectors(kernels, own, readKept(book), (piece, vector) => {
          const row = Math.floor(piece / taken);
          codes[row * parts + first + piece - row * taken] = vector;
        });
        books.push(book);
      }
      const values = vectorTable("pq", [rows, cols], parts, codes, books);
      return turn ? turnedTable(values, turn.kept) : values;
    });
  },
});

/** The inverse of the rotation learned for a table, as it is kept, and the rows that it is kept for. */
async function keptTurn(kernels: Kernels, dense: Table, cutting: Cutting, as: BookForm, rng: Rng) {
  const d = dense.cols;
  const flipped = (matrix: Float32Array) => matrix.map((_, i) => matrix[(i % d) * d + Math.floor(i / d)]!);
  const kept = keepBook(kernels, flipped(await pieceRotation(kernels, [dense], cutting, rng)), as);
  const rows = numbersOf(await multiplied(kernels, dense, flipped(readKept(kept)), d));
  return { kept, rows };
}
