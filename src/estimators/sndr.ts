// Self-normalised doubly robust: the residuals' weights add up to one (as in SNIPS), which tames a few large ones.

import { z } from "zod";
import { must } from "../base/errors.ts";
import { defineEstimator } from "../kinds/estimator.ts";

export default defineEstimator({
  name: "sndr",
  summary: "Doubly robust with the residuals' weights normalised to one; steadier with large weights.",
  options: z.strictObject({}),
  uses: ["weights", "model"],
  // V = (1/n) Σ Σ_a π_e(a|x) q̂(x, a) + Σ w (r - q̂) / Σ w
  terms({ reward, weight, model }) {
    const { shown, expected } = must(model, "the reward model");
    return [expected, weight.map((w, r) => w * (reward[r]! - shown[r]!)), weight];
  },
  value: ([expected, residuals, weights], rows) => expected! / rows + residuals! / weights!,
});
