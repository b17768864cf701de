// Share of the clicks that are taken for clicks: Σ ŷ y / Σ y.

import { type ClickMetric, ratioMetric } from "./metric.ts";

export const recall: ClickMetric<"high"> = ratioMetric(
  { summary: "Share of the clicks that reach the threshold.", better: "high", needs: "a click" },
  (y, _, predicted) => [predicted * y, y],
);
