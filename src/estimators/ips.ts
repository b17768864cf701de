// Inverse propensity scoring (Strehl et al., NIPS 2010): unbiased where the propensities are right, and as noisy as
// its largest weights.

import { z } from "zod";
import { defineEstimator } from "../kinds/estimator.ts";

export default defineEstimator({
  name: "ips",
  summary: "Mean of rewards, each weighted by target over logging probability; unbiased, noisy.",
  options: z.strictObject({}),
  uses: ["weights"],
  // V = (1/n) Σ w r
  terms: ({ reward, weight }) => [weight.map((w, r) => w * reward[r]!)],
  value: ([weighted], rows) => weighted! / rows,
});
