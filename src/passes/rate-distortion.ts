// Entropy-constrained quantisation (Chou, Lookabaugh, Gray, 1989): a grid of one step over the whole table, and for
// each number x not the nearest level but the one that is worth its bits,
//
//     argmin_k  ((x - level_k) / step)² + lambda · -log2 p_k,        level_k = mean of its numbers, p_k its share.
//
// Numbers near 0 take next to no bits, so this prunes and quantises at once. The result is a `codebook` table.

import { z } from "zod";
import { encodeDense, matrices, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { definePass } from "../kinds/pass.ts";
import { codebookTable } from "../tables/codebook.ts";

const ITERATIONS = 4;
/** How many levels up or down from the nearest one are weighed. */
const REACH = 2;
/** Bits charged for a level that nothing has chosen yet: more than any that is in use costs. */
const UNUSED_BITS = 99;
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
      const found = quantise(data, (max - min) / (levels - 1) || 1, min, max, lambda);
      return codebookTable(rows, cols, halvesOf(kernels, found.means), found.indices);
    });
  },
});

function quantise(data: Float32Array, step: number, min: number, max: number, lambda: number) {
  const first = Math.round(min / step);
  const count = Math.round(max / step) - first + 1;
  const levels = Float64Array.from({ length: count }, (_, k) => (first + k) * step);
  const bits = new Float64Array(count);
  const indices = new Uint8Array(data.length);
  let counts = assign(data, levels, bits, step, first, indices);
  for (let iteration = 0; lambda > 0 && iteration < ITERATIONS; iteration++) {
    for (let k = 0; k < count; k++) bits[k] = lambda * (counts[k] ? -Math.log2(counts[k]! / data.length) : UNUSED_BITS);
    counts = assign(data, levels, bits, step, first, indices);
  }
  // Only levels in use are kept.
  const place = new Uint8Array(count);
  const used = [...counts.keys()].filter((k) => counts[k]! > 0);
  used.forEach((k, i) => {
    place[k] = i;
  });
  return { means: Float32Array.from(used, (k) => levels[k]!), indices: indices.map((k) => place[k]!) };
}

/** Chooses each number's level, then moves the levels to their numbers' means; returns how many each has. */
function assign(
  data: Float32Array,
  levels: Float64Array,
  bits: Float64Array,
  step: number,
  first: number,
  indices: Uint8Array,
): Float64Array {
  const counts = new Float64Array(levels.length);
  const sums = new Float64Array(levels.length);
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    const nearest = Math.round(x / step) - first;
    const last = Math.min(levels.length - 1, nearest + REACH);
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let k = Math.max(0, nearest - REACH); k <= last; k++) {
      const away = (x - levels[k]!) / step;
      const cost = away * away + bits[k]!;
      if (cost < least) [best, least] = [k, cost];
    }
    indices[i] = best;
    counts[best]!++;
    sums[best]! += x;
  }
  for (let k = 0; k < levels.length; k++) if (counts[k]) levels[k] = sums[k]! / counts[k]!;
  return counts;
}
