// Transform coding of all scores: users and items move to the balanced directions of U·Vᵀ (engine/shared-svd.ts), where
// an error of one number costs the scores' squares what its column is long, σ_c. So every column of both sides gets a grid
// of step  Δ / √σ_c:  strong directions many bits, weak ones next to none (reverse water-filling; Goyal 2001), users and
// items as many as they are worth. Each number takes the level that is worth its bits (engine/rate-quantise.ts), coded with
// its column's frequencies. Δ is as large as the bytes allow.

import { z } from "zod";
import { formatBytes } from "../base/format.ts";
import { rangeOf } from "../engine/dense-pass.ts";
import { factorSpace, multiplied, numbersOf } from "../engine/factor-space.ts";
import { rateQuantise } from "../engine/rate-quantise.ts";
import { keptScales } from "../engine/row-levels.ts";
import { scoreSpectrum } from "../engine/shared-svd.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { defineSpacePass } from "../kinds/pass.ts";
import { columnCodesTable } from "../tables/column-codes.ts";
import { f32Table, type Table, tableBytes } from "../tables/table.ts";

/** Numbers that the search for Δ looks at, and its halvings of an octave. */
const SEARCHED = 2 ** 20;
const STEPS = 10;
/** Halvings of the largest number after which a grid is fine enough for any budget. */
const FINEST = 16;
/** Of the grid's places, kept below the 255 levels that a column may have. */
const MOST_PLACES = 250;
/** Rows shorter than this share of the middle one are scaled as if they were as long. */
const SHORTEST = 0.05;

interface Side {
  /** Columns, each of all rows; in units of Δ = 1. */
  readonly columns: readonly Float32Array[];
  readonly rows: number;
}

export default defineSpacePass({
  name: "transform-code",
  summary: "Code users and items in the directions of all scores, as many bits as each is worth, to a size.",
  options: z.strictObject({
    ratio: z
      .number()
      .gt(1)
      .max(1000)
      .default(16)
      .describe("How many times smaller than float32 both tables become together."),
    bytes: z.int().min(1).optional().describe("What both tables may take together, in place of `ratio`."),
    lambda: z
      .number()
      .min(0)
      .max(1)
      .default(0.1)
      .describe("Squared steps of error that one bit is worth; 0: the nearest level."),
  }),
  tolerance(_options, users, items) {
    // Levels are means, so a coded score is at most Σ_c max|u_c| max|v_c| ≤ ‖U‖ ‖V‖, users scaled to one length.
    const norms = lengths(users);
    const longest = norms.reduce((most, x) => Math.max(most, x), 0);
    return 2 * longest * Math.sqrt(users.rows) * Math.hypot(...lengths(items)) * 1.01;
  },
  async transform(recommender, { ratio, bytes, lambda }, { kernels }) {
    const space = factorSpace(recommender);
    if ("refused" in space) return space;
    const { left, item } = space;
    const tied = left === item;
    const before = tableBytes(item) + (tied ? 0 : tableBytes(left));
    const budget = bytes ?? Math.floor(before / ratio);
    // Each user counts as much as another: rows of one length, which a scale undoes. Rows of histories are added up.
    const scales = recommender.query === "user" ? rowScales(left) : undefined;
    const users = scales ? scaled(left, scales) : left;
    const spectrum = await scoreSpectrum(kernels, users, item);
    if (!(spectrum.values[0]! > 0)) return { refused: "all scores are 0" };
    const directions = spectrum.leading(item.cols);
    const side = async (table: Table, by: Float32Array): Promise<Side> =>
      sideOf(await multiplied(kernels, table, by, item.cols), spectrum.values);
    const sides = [await side(item, directions.right), ...(tied ? [] : [await side(users, directions.left)])];
    const start = leastStep(sides, lambda, budget);
    const kept = scales && keptScales(kernels, scales, "u8").kept;
    // The search is by a sample: a few small steps up may be needed for all rows.
    for (let step = start ?? 0; start !== undefined && step < start * 1.5; step *= 1.01) {
      const [items, others] = sides.map((one, i) =>
        encoded(kernels, one, spectrum.values, step, lambda, i ? kept : undefined),
      );
      const after = tableBytes(items!) + (others ? tableBytes(others) : 0);
      if (after <= budget) return space.replace(others ?? items!, items!);
    }
    return { refused: `it does not fit in ${formatBytes(budget)}` };
  },
});

/** The columns of rows in balanced directions, times √σ_c: an error then costs the same in all of them. */
function sideOf(table: Table, values: Float64Array): Side {
  const { rows, cols } = table;
  const data = numbersOf(table);
  const columns = Array.from({ length: cols }, (_, c) => {
    const weight = Math.sqrt(values[c]!);
    return Float32Array.from({ length: rows }, (_, r) => data[r * cols + c]! * weight);
  });
  return { columns, rows };
}

const quantised = (column: Float32Array, step: number, lambda: number) => {
  const range = rangeOf(column);
  return rateQuantise(column, Math.max(step, (range[1] - range[0]) / MOST_PLACES) || 1, range, lambda);
};

/** The least Δ, by every so-manieth row of both sides, whose entropy fits into the budget; none where no Δ does. */
function leastStep(sides: readonly Side[], lambda: number, budget: number): number | undefined {
  const numbers = sides.reduce((sum, { rows, columns }) => sum + rows * columns.length, 0);
  const every = Math.max(1, Math.floor(numbers / SEARCHED));
  const some = sides.map(({ columns, rows }) => ({
    share: rows / Math.ceil(rows / every),
    columns: columns.map((column) => column.filter((_, r) => r % every === 0)),
  }));
  const size = (step: number) => {
    let bytes = 0;
    for (const { columns, share } of some) {
      for (const column of columns) {
        const { bits, means } = quantised(column, step, lambda);
        bytes += (share * bits) / 8 + (means.length > 1 ? 4 * means.length + 9 : 7);
      }
    }
    return bytes;
  };
  let high = sides[0]!.columns.reduce((most, column) => Math.max(most, ...rangeOf(column)), 0);
  if (size(high) > budget) return undefined;
  for (let halved = 0; halved < FINEST && size(high / 2) <= budget; halved++) high /= 2;
  let low = high / 2;
  for (let i = 0; i < STEPS; i++) {
    const middle = Math.sqrt(low * high);
    if (size(middle) > budget) low = middle;
    else high = middle;
  }
  return high;
}

function encoded(
  kernels: Kernels,
  { columns, rows }: Side,
  values: Float64Array,
  step: number,
  lambda: number,
  scales: ReturnType<typeof keptScales>["kept"] | undefined,
): Table {
  const coded = columns.map((column, c) => {
    const { means, indices } = quantised(column, step, lambda);
    const weight = Math.sqrt(values[c]!);
    return {
      levels: halvesOf(
        kernels,
        means.map((mean) => (weight > 0 ? mean / weight : 0)),
      ),
      indices,
    };
  });
  return columnCodesTable(rows, coded, scales);
}

function lengths({ rows, cols, tensors }: Table): Float32Array {
  const data = tensors["data"] as Float32Array;
  return Float32Array.from({ length: rows }, (_, r) => Math.hypot(...data.subarray(r * cols, (r + 1) * cols)));
}

function rowScales(table: Table): Float32Array {
  const all = lengths(table);
  const middle = all.slice().sort()[Math.floor(all.length / 2)]!;
  return all.map((length) => Math.max(length, middle * SHORTEST) || 1);
}

function scaled(table: Table, scales: Float32Array): Table {
  const { rows, cols } = table;
  return f32Table(
    rows,
    cols,
    numbersOf(table).map((x, i) => x / scales[Math.floor(i / cols)]!),
  );
}
