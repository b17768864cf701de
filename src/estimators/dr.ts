// Doubly robust (Dudík, Langford & Li, ICML 2011, arXiv 1103.4601): the direct method, corrected by the weighted
// residuals of the model. Right if either the propensities or the model are; less noisy than IPS with a fair model.

import { z } from "zod";
import { must } from "../base/errors.ts";
import { defineEstimator } from "../kinds/estimator.ts";

export default defineEstimator({
  name: "dr",
  summary: "The direct method corrected by weighted residuals: right if the propensities or the model are.",
  options: z.strictObject({}),
  uses: ["weights", "model"],
  // V = (1/n) Σ [Σ_a π_e(a|x) q̂(x, a) + w (r - q̂)]
  terms({ reward, weight, model }) {
    const { shown, expected } = must(model, "the reward model");
    return [expected.map((e, r) => e + weight[r]! * (reward[r]! - shown[r]!))];
  },
  value: ([corrected], rows) => corrected! / rows,
});
