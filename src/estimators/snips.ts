// Self-normalised inverse propensity scoring (Swaminathan & Joachims, NIPS 2015): a weighted mean of rewards, so it
// stays among them, and a factor common to all propensities cancels.

import { z } from "zod";
import { defineEstimator } from "../kinds/estimator.ts";

export default defineEstimator({
  name: "snips",
  summary: "Weighted mean of rewards, weights being target over logging probability; the least noisy without a model.",
  options: z.strictObject({}),
  uses: ["weights"],
  // V = Σ w r / Σ w
  terms: ({ reward, weight }) => [weight.map((w, r) => w * reward[r]!), weight],
  value: ([weighted, weights]) => weighted! / weights!,
});
