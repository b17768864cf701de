// The direct method: what a reward model says of the target's choices. As biased as the model is. Its error is that of
// the model, not of the rows' contexts alone, so its interval takes in how each row's reward has moved the model.

import { z } from "zod";
import { must } from "../base/errors.ts";
import { defineEstimator } from "../kinds/estimator.ts";

export default defineEstimator({
  name: "dm",
  summary: "What a model of the reward expects of the target's choices; as biased as the model.",
  options: z.strictObject({}),
  uses: ["model"],
  // V = (1/n) Σ_x Σ_a π_e(a|x) q̂(x, a); resampled with the linearised move of q̂: leverage · (r - q̂), of mean 0
  terms({ reward, model }) {
    const { shown, expected, leverage } = must(model, "the reward model");
    if (!leverage) return [expected];
    const moved = leverage.map((by, r) => by * (reward[r]! - shown[r]!));
    const mean = moved.reduce((sum, x) => sum + x, 0) / moved.length;
    return [expected, moved.map((x) => x - mean)];
  },
  value: ([expected, moved = 0], rows) => (expected! + moved) / rows,
  withoutInterval: ({ model }) =>
    model?.leverage ? undefined : "its error is that of the model, which came without one; look at dr",
});
