// Product quantisation (Jégou, Douze & Schmid, 2011): each of a row's pieces becomes the nearest of 256 vectors found by
// k-means, one byte a piece. After `rotate` the pieces are alike and may share one codebook, which short tables cannot do
// without; with several it is OPQ with a random rotation (Ge et al., 2013).

import { z } from "zod";
import { encodeDense, matrices, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { kmeans } from "../kernels/kmeans.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { definePass } from "../kinds/pass.ts";
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
    iterations: z.int().min(1).max(100).default(20).describe("Steps of k-means, at most."),
  }),
  tolerance(_options, dense) {
    // A vector is the mean of pieces: it lies where the numbers lie.
    const [min, max] = rangeOf(dense);
    return Math.max(max, 0) - Math.min(min, 0) + Math.max(-min, max) * 2 ** -10 + 2 ** -24;
  },
  encode(table, { tables, pieces, shared, iterations }, { kernels, rng }, name) {
    if (!tables.includes(name)) return table;
    return encodeDense(table, async ({ rows, cols }, data) => {
      if (data.length === 0) return { refused: "it is empty" };
      const [min, max] = rangeOf(data);
      if (Math.max(-min, max) > HALF_MAX) return { refused: "its range is beyond 16-bit floating point" };
      const sub = Math.ceil(cols / Math.min(pieces, cols));
      const parts = Math.ceil(cols / sub);
      const points = rows * (shared ? parts : 1);
      const clusters = Math.min(VECTORS, points);
      const codes = new Uint8Array(rows * parts);
      const books: Float32Array[] = [];
      const scope = kernels.scope();
      try {
        const cut = scope.f32(points * sub);
        const state = Uint32Array.from({ length: 4 }, () => rng.u32() | 1);
        for (let first = 0; first < parts; first += shared ? parts : 1) {
          const taken = shared ? parts : 1;
          cut.fill(0);
          for (let at = 0; at < points; at++) {
            const [row, from] = [Math.floor(at / taken), (first + (at % taken)) * sub];
            cut.set(data.subarray(row * cols + from, row * cols + Math.min(cols, from + sub)), at * sub);
          }
          const found = await kmeans(kernels, cut, points, sub, { clusters, iterations, state });
          books.push(found.centroids);
          found.assignment.forEach((code, at) => {
            codes[Math.floor(at / taken) * parts + first + (at % taken)] = code;
          });
        }
      } finally {
        scope.free();
      }
      const halves = books.map((book) => halvesOf(kernels, book));
      const all = new Uint16Array(halves.length * clusters * sub);
      halves.forEach((half, b) => {
        all.set(half, b * clusters * sub);
      });
      return vectorTable("pq", [rows, cols], parts, codes, all, halves.length);
    });
  },
});
