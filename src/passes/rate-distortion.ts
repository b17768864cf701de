// One grid over the whole table, and for each number not the nearest level but the one that is worth its bits
// (engine/rate-quantise.ts). Numbers near 0 take next to no bits, so this prunes and quantises at once. The result is a
// `codebook` table.

import { z } from "zod";
import { encodeDense, matrices, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { REACH, rateQuantise } from "../engine/rate-quantise.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { definePass } from "../kinds/pass.ts";
import { codebookTable } from "../tables/codebook.ts";

const HALF_MAX = 65504;

export default definePass({
  name: "rate-distortion",
  summary: "Round every number to a grid, to the level that is worth its bits; entropy-coded.",
  options: z.strictObject({
    tables: tablesOption(matrices),
    levels: z
      .int()
      .min(3)
      .max(255)
      .default(64)
      .describe("How many levels the grid has from the least to the largest number."),
    lambda: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe("Squared steps of error that one bit is worth; 0: the nearest level."),
  }),
  tolerance(options, dense) {
    const [min, max] = rangeOf(dense);
    // A number is at most REACH + 1/2 steps from its place on the grid, and so is the mean that stands for that place.
    return ((max - min) / (options.levels - 1)) * (2 * REACH + 1) + Math.max(-min, max) * 2 ** -10 + 2 ** -25;
  },
  encode(table, { tables, levels, lambda }, { kernels }, name) {
    if (!tables.includes(name)) return table;
    return encodeDense(table, ({ rows, cols }, data) => {
      const [min, max] = rangeOf(data);
      if (Math.max(-min, max) > HALF_MAX) return { refused: "its range is beyond 16-bit floating point" };
      const found = rateQuantise(data, (max - min) / (levels - 1) || 1, [min, max], lambda);
      return codebookTable(rows, cols, halvesOf(kernels, found.means), found.indices);
    });
  },
});
