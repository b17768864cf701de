// Doubly robust with optimistic shrinkage (Su et al., ICML 2020, arXiv 1907.09623): weights shrink the more the larger
// they are, to at most √shrink / 2.

import { z } from "zod";
import { must } from "../base/errors.ts";
import { defineEstimator } from "../kinds/estimator.ts";

export default defineEstimator({
  name: "dr-os",
  summary: "Doubly robust with weights that shrink smoothly the larger they are.",
  options: z.strictObject({
    shrink: z.number().nonnegative().optional().describe("0 is the direct method; the number of rows if left out"),
  }),
  uses: ["weights", "model"],
  // V = (1/n) Σ [Σ_a π_e(a|x) q̂(x, a) + shrink w / (w² + shrink) (r - q̂)]
  terms({ reward, weight, model }, { shrink = reward.length }) {
    const { shown, expected } = must(model, "the reward model");
    const shrunk = (w: number) => (shrink === 0 ? 0 : (shrink * w) / (w * w + shrink));
    return [expected.map((e, r) => e + shrunk(weight[r]!) * (reward[r]! - shown[r]!))];
  },
  value: ([corrected], rows) => corrected! / rows,
});
