// Transform coding of all scores: users and items move to the balanced directions of U·Vᵀ (engine/shared-svd.ts), and the
// column of a direction of strength σ_c gets a grid of step  Δ σ_c^-γ:  strong directions many bits, weak ones next to none
// (reverse water-filling; Goyal 2001), users and items as many as they are worth. γ = ½ keeps the squares of all scores;
// a little less keeps more of the best ones. Numbers take the levels that cost a row's best scores least for their bits
// (engine/score-coding.ts), coded with their columns' frequencies. Δ is as small as the bytes allow.

import { z } from "zod";
import { formatBytes } from "../base/format.ts";
import { bestPartners } from "../engine/best-partners.ts";
import { factorSpace, multiplied, numbersOf } from "../engine/factor-space.ts";
import { keptScales } from "../engine/row-levels.ts";
import { type CodingSide, codeForScores } from "../engine/score-coding.ts";
import { scoreSpectrum } from "../engine/shared-svd.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { defineSpacePass } from "../kinds/pass.ts";
import { columnCodesTable } from "../tables/column-codes.ts";
import type { RowScales } from "../tables/row-scales.ts";
import { f32Table, type Table, tableBytes } from "../tables/table.ts";

/** γ; like the partners of an item and of a user chosen on citeULike's validation items. */
const EXPONENT = 0.4;
const PARTNERS = { item: 32, left: 64 } as const;
/** Numbers that the search for Δ looks at, its halvings of an octave, and the octaves. */
const SEARCHED = 2 ** 19;
const STEPS = 6;
const FINEST = 16;
/** Corrections of Δ by the bytes of all rows. */
const CORRECTIONS = 6;
/** Rows shorter than this share of the middle one are scaled as if they were as long. */
const SHORTEST = 0.05;

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
      .default(0.05)
      .describe("Squared steps of error that one bit is worth; 0: the best level at any price."),
  }),
  tolerance(_options, users, items) {
    // Levels are means, so a coded score is at most Σ_c max|u_c| max|v_c| ≤ ‖U‖ ‖V‖, users scaled to one length.
    const longest = lengths(users).reduce((most, x) => Math.max(most, x), 0);
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
    const strongest = spectrum.values[0]!;
    if (!(strongest > 0)) return { refused: "all scores are 0" };
    const turn = spectrum.leading(item.cols);
    const items = await multiplied(kernels, item, turn.right, item.cols);
    const others = tied ? items : await multiplied(kernels, users, turn.left, item.cols);
    const sides = [await sideOf(kernels, items, others, PARTNERS.item)];
    if (!tied) sides.push(await sideOf(kernels, others, items, PARTNERS.left));
    const shape = spectrum.values.map((s) => (s > strongest * 1e-6 ? (s / strongest) ** -EXPONENT : 1e6));
    const kept = scales && keptScales(kernels, scales, "u8").kept;
    let step = firstStep(sides, shape, lambda, budget - (kept ? users.rows + 8 : 0));
    for (let round = 0; step !== undefined && round < CORRECTIONS; round++) {
      const [v, u] = sides.map((side, i) => encoded(kernels, side, shape, step!, lambda, i ? kept : undefined));
      const after = tableBytes(v!) + (u ? tableBytes(u) : 0);
      // Within the last hundredth is close enough.
      if (after <= budget && (after > 0.99 * budget || round > 2)) return space.replace(u ?? v!, v!);
      step *= (after / budget) * 1.002;
    }
    return { refused: `it does not fit in ${formatBytes(budget)}` };
  },
});

async function sideOf(kernels: Kernels, table: Table, others: Table, width: number): Promise<CodingSide> {
  const partners = await bestPartners(kernels, table, others, width);
  return { rows: table.rows, cols: table.cols, data: numbersOf(table), others: numbersOf(others), partners };
}

/** The least Δ, by every so-manieth row of both sides, whose entropy fits into the budget; none where no Δ does. */
function firstStep(
  sides: readonly CodingSide[],
  shape: Float64Array,
  lambda: number,
  budget: number,
): number | undefined {
  const numbers = sides.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  const every = Math.max(1, Math.floor(numbers / SEARCHED));
  const size = (step: number) => {
    let bytes = 0;
    for (const side of sides) {
      const { bits, levels } = codeForScores(side, scaledBy(shape, step), lambda, every);
      bytes += (side.rows / Math.ceil(side.rows / every)) * (bits / 8);
      for (const { length } of levels) bytes += length > 1 ? 4 * length + 9 : 7;
    }
    return bytes;
  };
  let high = sides[0]!.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
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

const scaledBy = (shape: Float64Array, step: number): Float64Array => shape.map((s) => s * step);

function encoded(
  kernels: Kernels,
  side: CodingSide,
  shape: Float64Array,
  step: number,
  lambda: number,
  scales: RowScales | undefined,
): Table {
  const { levels, indices } = codeForScores(side, scaledBy(shape, step), lambda);
  const columns = levels.map((own, c) => ({
    levels: halvesOf(kernels, own),
    indices: Uint8Array.from({ length: side.rows }, (_, r) => indices[r * side.cols + c]!),
  }));
  return columnCodesTable(side.rows, columns, scales);
}

function lengths(table: Table): Float32Array {
  const { rows, cols } = table;
  const data = numbersOf(table);
  return Float32Array.from({ length: rows }, (_, r) => Math.hypot(...data.subarray(r * cols, (r + 1) * cols)));
}

function rowScales(table: Table): Float32Array {
  const all = lengths(table);
  const middle = all.slice().sort()[Math.floor(all.length / 2)]!;
  return all.map((length) => Math.fround(Math.max(length, middle * SHORTEST)) || 1);
}

function scaled(table: Table, scales: Float32Array): Table {
  const { rows, cols } = table;
  return f32Table(
    rows,
    cols,
    numbersOf(table).map((x, i) => x / scales[Math.floor(i / cols)]!),
  );
}
