// Share of rows whose decision is right: Σ [ŷ = y] / n.

import { type ClickMetric, ratioMetric } from "./metric.ts";

export const accuracy: ClickMetric<"high"> = ratioMetric(
  { summary: "Share of rows that the threshold decides rightly.", better: "high", needs: "rows" },
  (y, _, predicted) => [predicted === y ? 1 : 0, 1],
);
