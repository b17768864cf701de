// Dual correction distillation (DCD, Lee and Kim, CIKM 2021, arXiv 2109.03459): what the student gets wrong decides what
// it is taught. Items of the teacher's list that it ranks too low must come, in the teacher's order, above those that it
// ranks too high.

import { z } from "zod";
import { drawWeighted } from "../data/rank-draws.ts";
import { relaxedRanking } from "../engine/distil/relaxed-ranking.ts";
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
  // rank_S: items of the list above it, and those sampled above it in the proportion of all that are not listed
  pick(list, { listed, temperature }, rng, places) {
    const n = list.items.length;
    const scores = list.student();
    const [own, others] = [scores.subarray(0, n), scores.slice(n).sort()];
    const order = own.slice().sort();
    const wrong = Float64Array.from(own, (score, rank) => {
      const elsewhere = others.length > 0 ? above(others, score) / others.length : 0;
      const theirs = above(order, score) + Math.floor(elsewhere * (list.catalogue - n));
      return Math.tanh((theirs - rank) / temperature);
    });
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

/** How many of the rising `scores` are higher. */
function above(scores: Float32Array, score: number): number {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! > score) high = middle;
    else low = middle + 1;
  }
  return scores.length - low;
}
