// The best approximation of all scores by fewer dimensions (Eckart & Young 1936): the singular value decomposition of
// U·Vᵀ cut after r values, half of each value on either side. Even uncut this balances both sides: their columns become
// orthogonal and equally long, where an error of one side costs the scores least.

import { z } from "zod";
import { factorSpace, multiplied, numbersOf } from "../engine/factor-space.ts";
import { scoreSpectrum } from "../engine/shared-svd.ts";
import { defineSpacePass } from "../kinds/pass.ts";
import type { Table } from "../tables/table.ts";

export default defineSpacePass({
  name: "low-rank",
  summary: "Keep the leading dimensions of all scores together, balanced between users and items.",
  options: z.strictObject({
    rank: z
      .int()
      .min(1)
      .max(4096)
      .optional()
      .describe("How many dimensions stay; without it as many as `energy` needs."),
    energy: z
      .number()
      .gt(0)
      .max(1)
      .default(0.95)
      .describe("The share of the scores' squares that stays, without `rank`."),
  }),
  tolerance({ rank, energy }, users, items) {
    // ‖U Vᵀ‖ ≤ ‖U‖ ‖V‖, of which the share of 1 - energy may be missing, in one score at worst.
    const length = (table: Table) => Math.sqrt(numbersOf(table).reduce((sum, x) => sum + x * x, 0));
    return (Math.sqrt(rank === undefined ? 1 - energy : 1) + 1e-3) * length(users) * length(items);
  },
  async transform(recommender, { rank, energy }, { kernels }) {
    const space = factorSpace(recommender);
    if ("refused" in space) return space;
    const { left, item } = space;
    const spectrum = await scoreSpectrum(kernels, left, item);
    const total = spectrum.values.reduce((sum, s) => sum + s * s, 0);
    if (!(total > 0)) return { refused: "all scores are 0" };
    let wanted = rank ?? 0;
    if (rank === undefined) {
      for (let kept = 0; wanted < item.cols && kept < energy * total; wanted++) kept += spectrum.values[wanted]! ** 2;
    }
    if (wanted > item.cols) return { refused: `it has ${item.cols} dimensions only` };
    const { left: l, right: r } = spectrum.leading(wanted);
    const items = await multiplied(kernels, item, r, wanted);
    return space.replace(left === item ? items : await multiplied(kernels, left, l, wanted), items);
  },
});
