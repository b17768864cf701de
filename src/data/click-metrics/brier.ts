// Mean squared error of probabilities: Σ (p - y)² / n (Brier 1950).

import { type ClickMetric, ratioMetric } from "./metric.ts";

export const brier: ClickMetric<"low"> = ratioMetric(
  { summary: "Mean squared difference of probability and label.", better: "low", needs: "rows" },
  (y, p) => [(p - y) ** 2, 1],
);
