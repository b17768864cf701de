// Inverse propensity scoring with weights cut at a cap: less noise for a bias downwards. A cap of √n keeps the bias
// vanishing as the log grows (Ionides, "Truncated importance sampling", 2008).

import { z } from "zod";
import { defineEstimator } from "../kinds/estimator.ts";

export default defineEstimator({
  name: "clipped-ips",
  summary: "IPS with weights of at most a cap: less noise, biased downwards.",
  options: z.strictObject({
    cap: z.number().positive().optional().describe("largest weight; the square root of the rows if left out"),
  }),
  uses: ["weights"],
  // V = (1/n) Σ min(w, cap) r
  terms({ reward, weight }, { cap = Math.sqrt(reward.length) }) {
    return [weight.map((w, r) => Math.min(w, cap) * reward[r]!)];
  },
  value: ([weighted], rows) => weighted! / rows,
});
