// Mixed precision by popularity: users and items are split in bands, and a budget of bytes buys each band the bits that
// save most of the scores' squared error a byte, measured on its own rows (as HAWQ does for layers, arXiv 1905.03696).
// The rows stand in the balanced directions of all weighted scores (engine/shared-svd.ts), of which as many stay as fit at
// all, turned at random so that few levels fit: wide and low-bit beats narrow. Rows of few levels are made as long
// in their own direction as they were: otherwise those of fewer bits would score too low beside the others.

import { z } from "zod";
import { formatBytes } from "../base/format.ts";
import { rangeOf } from "../engine/dense-pass.ts";
import { factorSpace, multiplied, numbersOf } from "../engine/factor-space.ts";
import { allocate } from "../engine/mixed-rows/allocate.ts";
import { forms } from "../engine/mixed-rows/forms.ts";
import { lossOf, pickedRows, type Side, sideOf } from "../engine/mixed-rows/sides.ts";
import { rowSquares, timesRoots, weightsOf } from "../engine/mixed-rows/weights.ts";
import { randomRotation } from "../engine/rotations.ts";
import { scoreSpectrum } from "../engine/shared-svd.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { defineSpacePass } from "../kinds/pass.ts";
import { bandBytes, mixedRowsTable } from "../tables/mixed-rows.ts";
import { type Table, tableBytes } from "../tables/table.ts";

/** Shares of the dimensions, the first of which fits. */
const SHARES = [1, 0.75, 0.5, 0.375, 0.25];
const HALF_MAX = 65504;

export default defineSpacePass({
  name: "mixed-rows",
  summary: "Give each band of popularity the bits that it is worth, so that users and items fit in a size.",
  options: z.strictObject({
    ratio: z
      .number()
      .gt(1)
      .max(1000)
      .default(16)
      .describe("How many times smaller than float32 both tables become together."),
    bytes: z.int().min(1).optional().describe("What both tables may take together, in place of `ratio`."),
    bands: z.int().min(1).max(64).default(8).describe("How many bands of rows; training met each as often."),
    power: z
      .number()
      .min(0)
      .max(2)
      .default(0.5)
      .describe("An item's scores count as this power of how often training met it; 0: all items alike."),
  }),
  tolerance(_options, users, items) {
    // Balanced rows are at most as long as both sides together, and a fitted row of d numbers √d times as long as itself.
    const longest = Math.sqrt(rowSquares(users).reduce((most, x) => Math.max(most, x), 0));
    return 2 * (items.cols + 2) * longest * Math.sqrt(users.rows) * Math.hypot(...numbersOf(items));
  },
  async transform(recommender, { ratio, bytes, bands, power }, { kernels, rng, met }) {
    const space = factorSpace(recommender);
    if ("refused" in space) return space;
    const { left, item } = space;
    const tied = left === item;
    const before = tableBytes(item) + (tied ? 0 : tableBytes(left));
    const budget = bytes ?? Math.floor(before / ratio);
    const weights = weightsOf(left, item, recommender.query, power, met);
    const [users, items] = [timesRoots(left, weights.left), timesRoots(item, weights.item)];
    const spectrum = await scoreSpectrum(kernels, users, items);
    if (!(spectrum.values[0]! > 0)) return { refused: "all scores are 0" };
    for (const d of new Set(SHARES.map((share) => Math.ceil(share * item.cols)))) {
      const { left: l, right: r } = spectrum.leading(d);
      const turn = randomRotation(d, rng.fork(`${d}`));
      const turned = async (table: Table, by: Float32Array) =>
        multiplied(kernels, await multiplied(kernels, table, by, d), turn, d);
      const rows = await turned(item, r);
      const others = tied ? rows : await turned(left, l);
      if ([rows, others].some((table) => largest(table) > HALF_MAX)) {
        return { refused: "its range is beyond 16-bit floating point" };
      }
      const sides = [await sideOf(kernels, rows, weights.item, weights.popularity.item, bands, others, weights.left)];
      if (!tied) {
        sides.push(await sideOf(kernels, others, weights.left, weights.popularity.left, bands, rows, weights.item));
      }
      const tables = fitted(kernels, sides, budget);
      if (tables) return space.replace(tables.at(-1)!, tables[0]!);
    }
    return { refused: `it does not fit in ${formatBytes(budget)}` };
  },
});

/** Every side in the forms that the budget buys; undefined where it is too small. */
function fitted(kernels: Kernels, sides: readonly Side[], budget: number): Table[] | undefined {
  const bands = sides.flatMap((side) => side.bands.map((rows) => ({ side, rows })));
  const maps = sides.reduce((sum, side) => sum + bandBytes(side.band, side.bands.length), 0);
  const least = bands.reduce((sum, { side, rows }) => sum + forms[0]!.bytes(rows.length, side.table.cols), maps);
  if (least > budget) return undefined;
  const choices = bands.map(({ side, rows }) =>
    forms.map((form) => ({
      bytes: form.bytes(rows.length, side.table.cols),
      loss: lossOf(kernels, side, rows, form),
    })),
  );
  const chosen = allocate(choices, budget - maps);
  if (!chosen) return undefined;
  const made = bands.map(({ side, rows }, b) => forms[chosen[b]!]!.encode(kernels, pickedRows(side.table, rows)));
  return sides.map((side) => mixedRowsTable(side.band, made.splice(0, side.bands.length)));
}

const largest = (table: Table): number => {
  const [min, max] = rangeOf(numbersOf(table));
  return Math.max(-min, max);
};
