// A few non-uniform levels with one scale a row:  x = scale · level. 2 levels are the signs times the row's mean size,
// 3 are ternary, 4 are Lloyd and Max's 2-bit levels (±.4528σ, ±1.51σ of a normal distribution; Max 1960, Lloyd 1982),
// learned from the table unless told otherwise. After `rotate` rows are close to normal, which these levels are for.

import { z } from "zod";
import { formatCount } from "../base/format.ts";
import { encodeDense, matrices, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { levelRows } from "../engine/row-encodings.ts";
import { definePass } from "../kinds/pass.ts";

/** Rows this long of one vector would share a handful of levels. */
const LONGEST_ROW_ALONE = 256;
const HALF_MAX = 65504;

export default definePass({
  name: "levels-row",
  summary: "Keep every number as one of 2 to 16 non-uniform levels, with one scale a row.",
  options: z.strictObject({
    tables: tablesOption(matrices),
    levels: z
      .int()
      .min(2)
      .max(16)
      .default(4)
      .describe(
        "How many levels: 2 is binary (1 bit a number), 3 ternary (1.6), 4 takes 2 bits, 6 takes 2.7, 16 takes 4.",
      ),
    learn: z.boolean().default(true).describe("Fit the levels to the table; false: those of a normal distribution."),
    scales: z.enum(["f16", "u8"]).default("f16").describe("How a row's scale is kept: in 2 bytes or in 1."),
  }),
  tolerance(_options, dense) {
    // The levels reach from -1 to 1 scales, and a scale is at most the row's largest number: so is every error.
    const [min, max] = rangeOf(dense);
    return Math.max(-min, max) * (1 + 1 / 255 + 2 ** -9) + 2 ** -24;
  },
  encode(table, { tables, levels, learn, scales }, { kernels }, name) {
    if (!tables.includes(name)) return table;
    return encodeDense(table, (dense, data) => {
      if (data.length === 0) return { refused: "it is empty" };
      const { rows, cols } = dense;
      if (rows === 1 && cols > LONGEST_ROW_ALONE) {
        return { refused: `its ${formatCount(cols)} numbers are one row and would share ${levels} levels` };
      }
      const [min, max] = rangeOf(data);
      if (Math.max(-min, max) > HALF_MAX) return { refused: "its range is beyond 16-bit floating point" };
      return levelRows(kernels, dense, { levels, learn, scales });
    });
  },
});
