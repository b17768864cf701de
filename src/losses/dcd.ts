// Dual correction distillation (DCD, Lee and Kim, CIKM 2021, arXiv 2109.03459): what the student gets wrong decides what
// it is taught. Items of the teacher's list that it ranks too low must come, in the teacher's order, above those that it
// ranks too high.

import { z } from "zod";
import { drawWeighted } from "../data/rank-draws.ts";
import { relaxedRanking } from "../engine/distil/relaxed-ranking.ts";
import { studentRanks } from "../engine/distil/student-ranks.ts";
import { defineLoss } from "../kinds/loss.ts";

export default defineLoss({
  name: "dcd",
  summary: "Relaxed permutation likelihood of items that the student ranks too low, over those that it ranks too high.",
  options: z.strictObject({
    listed: z.number().int().min(1).max(1000).default(40).describe("K: items too low, and as many too high, at most"),
    unlisted: z.number().int().min(1).max(5000).default(40).describe("sampled items that the teacher did not list"),
    temperature: z.number().positive().max(1e6).default(10).describe("T: ranks apart that count as quite wrong"),
  }),
  needs: "ranks",
  candidates: ({ listed, unlisted }) => ({ listed: 2 * listed, unlisted }),
  // too low: tanh(max(0, (rank_S - rank_T) / T)),  too high: tanh(max(0, (rank_T - rank_S) / T));  K of each by these
  pick(list, { listed, temperature }, rng, places) {
    const ranks = studentRanks(list.student(), list.items.length, list.catalogue);
    const wrong = Float64Array.from(ranks, (own, rank) => Math.tanh((own - rank) / temperature));
    const some = Math.min(listed, Math.floor(places.length / 2));
    const low = drawWeighted(wrong, rng, places.subarray(0, some));
    const high = drawWeighted(
      wrong.map((x) => -x),
      rng,
      places.subarray(low, low + some),
    );
    return { listed: low + high, above: low };
  },
  lossAndGrad: ({ student, listed, above = listed }, _options, grad) => relaxedRanking(student, above, grad),
});
