// Mean of -[y ln p + (1 - y) ln(1 - p)], p clipped to [ε, 1 - ε] so that one sure mistake costs 16.1 and not infinity.

import { type ClickMetric, ratioMetric } from "./metric.ts";

const epsilon = 1e-7;

export const logLoss: ClickMetric<"low"> = ratioMetric(
  { summary: "Mean negative log-likelihood of the labels, in nats.", better: "low", needs: "rows" },
  (y, score) => {
    const p = Math.min(1 - epsilon, Math.max(epsilon, score));
    return [-(y * Math.log(p) + (1 - y) * Math.log1p(-p)), 1];
  },
);
