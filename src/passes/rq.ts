// Residual quantisation (Chen, Guan & Wang, 2010): a row becomes a sum of vectors, one of 256 from each stage, whose
// codebook is k-means over what the stages before it left. Codes are searched with a beam (Babenko & Lempitsky, 2014):
//
//     ‖x - p - c‖² = ‖x - p‖² - 2 (x · c - p · c) + ‖c‖²,      p = the vectors chosen so far
//
// where x · c is one product a stage and p · c a sum of products of vectors, looked up. Every stage but the first can also
// add nothing, so that none makes a row worse.

import { z } from "zod";
import { encodeDense, matrices, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { bookError, bookOption, keepBook } from "../engine/kept-books.ts";
import { gemmNT } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { kmeans } from "../kernels/kmeans.ts";
import { definePass } from "../kinds/pass.ts";
import { type KeptNumbers, readKept } from "../tables/kept-numbers.ts";
import { vectorTable } from "../tables/vector-codes.ts";

const VECTORS = 256;
/** A vector for every so many rows, at most: more would be a copy of the table. */
const ROWS_A_VECTOR = 16;
const HALF_MAX = 65504;

export default definePass({
  name: "rq",
  summary: "Keep every row as a sum of vectors, one of 256 from each of a few codebooks (residual quantisation).",
  options: z.strictObject({
    tables: tablesOption(matrices),
    stages: z.int().min(1).max(64).default(8).describe("Bytes of a row: how many vectors are added up."),
    beam: z.int().min(1).max(32).default(5).describe("How many sums each stage goes on from."),
    codebooks: bookOption,
    iterations: z.int().min(1).max(100).default(12).describe("Steps of k-means, at most."),
  }),
  tolerance({ stages, codebooks }, dense, cols) {
    // The first stage's error lies where the numbers lie; a row's whole error only shrinks afterwards.
    const [min, max] = rangeOf(dense);
    const range = Math.max(max, 0) - Math.min(min, 0);
    return range * Math.sqrt(cols) * (1 + 4 * stages * bookError(codebooks)) + 2 ** -20;
  },
  encode(table, { tables, stages, beam, codebooks, iterations }, { kernels, rng }, name) {
    if (!tables.includes(name)) return table;
    return encodeDense(table, async ({ rows, cols }, data) => {
      const vectors = Math.min(VECTORS, Math.floor(rows / ROWS_A_VECTOR));
      if (vectors < 2) return { refused: `its ${rows} rows are too few for codebooks` };
      const [min, max] = rangeOf(data);
      if (Math.max(-min, max) > HALF_MAX / 4) return { refused: "its range is beyond 16-bit floating point" };
      const state = Uint32Array.from({ length: 4 }, () => rng.u32() | 1);
      const beams = openBeams(rows, beam, stages);
      const books: Float32Array[] = [];
      const kept: KeptNumbers[] = [];
      for (let stage = 0; stage < stages; stage++) {
        const scope = kernels.scope();
        try {
          const left = scope.copy(data);
          for (let r = 0; r < rows; r++)
            subtract(left.subarray(r * cols, (r + 1) * cols), beams.codes, r, beam, stages, books);
          const found = await kmeans(kernels, left, rows, cols, { clusters: vectors, iterations, state });
          if (stage > 0) found.centroids.fill(0, 0, cols);
          const book = keepBook(kernels, found.centroids, codebooks);
          kept.push(book);
          books.push(readKept(book));
        } finally {
          scope.free();
        }
        await widen(kernels, beams, data, [rows, cols, vectors], beam, stages, books);
      }
      const codes = new Uint8Array(rows * stages);
      for (let r = 0; r < rows; r++)
        codes.set(beams.codes.subarray(r * beam * stages, (r * beam + 1) * stages), r * stages);
      return vectorTable("rq", [rows, cols], stages, codes, kept);
    });
  },
});

/** Of each row the best sums so far, the best first: their codes, and ‖x - p‖² - ‖x‖²; infinite where there is none. */
interface Beams {
  readonly codes: Uint8Array;
  readonly costs: Float64Array;
}

function openBeams(rows: number, beam: number, stages: number): Beams {
  const costs = new Float64Array(rows * beam).fill(Number.POSITIVE_INFINITY);
  for (let r = 0; r < rows; r++) costs[r * beam] = 0;
  return { codes: new Uint8Array(rows * beam * stages), costs };
}

/** x minus the vectors of the row's best sum. */
function subtract(
  x: Float32Array,
  codes: Uint8Array,
  r: number,
  beam: number,
  stages: number,
  books: Float32Array[],
): void {
  books.forEach((book, stage) => {
    const at = codes[r * beam * stages + stage]! * x.length;
    for (let c = 0; c < x.length; c++) x[c]! -= book[at + c]!;
  });
}

/** Adds a vector of the last book to every sum of every row, and keeps the best. */
async function widen(
  kernels: Kernels,
  { codes, costs }: Beams,
  data: Float32Array,
  [rows, cols, vectors]: readonly [number, number, number],
  beam: number,
  stages: number,
  books: readonly Float32Array[],
): Promise<void> {
  const stage = books.length - 1;
  const scope = kernels.scope();
  try {
    const last = scope.copy(books[stage]!);
    const direct = scope.f32(rows * vectors);
    await gemmNT(kernels, scope.copy(data), last, rows, vectors, cols, direct);
    const between: Float32Array[] = [];
    for (const book of books) {
      const out = scope.f32(vectors * vectors);
      await gemmNT(kernels, scope.copy(book), last, vectors, vectors, cols, out);
      between.push(out);
    }
    const squares = Float64Array.from({ length: vectors }, (_, k) => between[stage]![k * vectors + k]!);
    const [before, gain] = [new Uint8Array(beam * stages), new Float64Array(vectors)];
    const best = Array.from({ length: beam }, () => ({ from: 0, code: 0, cost: 0 }));
    for (let r = 0; r < rows; r++) {
      let kept = 0;
      for (let b = 0; b < beam && Number.isFinite(costs[r * beam + b]!); b++) {
        const own = (r * beam + b) * stages;
        for (let k = 0; k < vectors; k++) gain[k] = squares[k]! - 2 * direct[r * vectors + k]!;
        for (let s = 0; s < stage; s++) {
          const from = codes[own + s]! * vectors;
          for (let k = 0; k < vectors; k++) gain[k]! += 2 * between[s]![from + k]!;
        }
        for (let k = 0; k < vectors; k++) {
          const cost = costs[r * beam + b]! + gain[k]!;
          if (kept === beam && cost >= best[beam - 1]!.cost) continue;
          let at = kept < beam ? kept++ : beam - 1;
          const slot = best[at]!;
          for (; at > 0 && best[at - 1]!.cost > cost; at--) best[at] = best[at - 1]!;
          best[at] = Object.assign(slot, { from: b, code: k, cost });
        }
      }
      before.set(codes.subarray(r * beam * stages, (r + 1) * beam * stages));
      for (let b = 0; b < kept; b++) {
        const { from, code, cost } = best[b]!;
        const to = (r * beam + b) * stages;
        codes.set(before.subarray(from * stages, from * stages + stage), to);
        codes[to + stage] = code;
        costs[r * beam + b] = cost;
      }
    }
  } finally {
    scope.free();
  }
}
