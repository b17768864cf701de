// Scalar k-means: every number becomes the nearest of `clusters` levels; which one is entropy-coded, so a level that
// is frequent costs less than log2(clusters) bits.

import { z } from "zod";
import { encodeDense, matrices, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { kmeans1d } from "../kernels/kmeans1d.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { definePass } from "../kinds/pass.ts";
import { codebookTable } from "../tables/codebook.ts";

/** Lloyd steps; the start is optimal for up to 4,096 distinct values, so few are needed. */
const ITERATIONS = 50;
const HALF_MAX = 65504;

export default definePass({
  name: "codebook",
  summary: "Keep every number as one of a few levels (k-means), entropy-coded.",
  options: z.strictObject({
    tables: tablesOption(matrices),
    clusters: z.int().min(2).max(256).default(16).describe("How many levels, at most."),
    levels: z.enum(["f16", "f32"]).default("f16").describe("How a level is kept."),
  }),
  tolerance(_options, dense) {
    // k-means bounds the sum of squares; a lone outlier may be as far from its level as the range is wide.
    const [min, max] = rangeOf(dense);
    return max - min + Math.max(-min, max) * 2 ** -11 + 2 ** -25;
  },
  encode(table, options, { kernels }, name) {
    if (!options.tables.includes(name)) return table;
    return encodeDense(table, async ({ rows, cols }, data) => {
      if (data.length === 0) return { refused: "it is empty" };
      const scope = kernels.scope();
      try {
        const clusters = Math.min(options.clusters, data.length);
        const found = await kmeans1d(kernels, scope.copy(data), data.length, { clusters, iterations: ITERATIONS });
        const indices = Uint8Array.from(found.assignment);
        if (options.levels === "f32") return codebookTable(rows, cols, found.centroids.slice(), indices);
        const [min, max] = rangeOf(found.centroids);
        if (Math.max(-min, max) > HALF_MAX)
          return { refused: 'a level is beyond 16-bit floating point; use levels "f32"' };
        return codebookTable(rows, cols, halvesOf(kernels, found.centroids.slice()), indices);
      } finally {
        scope.free();
      }
    });
  },
});
