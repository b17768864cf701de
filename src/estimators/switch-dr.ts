// Switch (Wang, Agarwal & Dudík, ICML 2017, arXiv 1612.01205): doubly robust where the weight is small enough, the
// model alone elsewhere.

import { z } from "zod";
import { must } from "../base/errors.ts";
import { defineEstimator } from "../kinds/estimator.ts";

export default defineEstimator({
  name: "switch-dr",
  summary: "Doubly robust where weights are at most a threshold, the model alone where they are larger.",
  options: z.strictObject({
    threshold: z.number().nonnegative().optional().describe("largest weight; the square root of the rows if left out"),
  }),
  uses: ["weights", "model"],
  // V = (1/n) Σ [Σ_a π_e(a|x) q̂(x, a) + 1[w ≤ threshold] w (r - q̂)]
  terms({ reward, weight, model }, { threshold = Math.sqrt(reward.length) }) {
    const { shown, expected } = must(model, "the reward model");
    return [expected.map((e, r) => e + (weight[r]! <= threshold ? weight[r]! * (reward[r]! - shown[r]!) : 0))];
  },
  value: ([corrected], rows) => corrected! / rows,
});
