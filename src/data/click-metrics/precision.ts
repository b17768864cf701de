// Share of clicks among the rows that are taken for clicks: Σ ŷ y / Σ ŷ.

import { type ClickMetric, ratioMetric } from "./metric.ts";

export const precision: ClickMetric<"high"> = ratioMetric(
  {
    summary: "Clicks among the rows that reach the threshold.",
    ...{ better: "high", needs: "a row that reaches the threshold" },
  },
  (y, _, predicted) => [predicted * y, predicted],
);
