// Harmonic mean of precision and recall: 2 Σ ŷ y / (Σ ŷ + Σ y).

import { type ClickMetric, ratioMetric } from "./metric.ts";

export const f1: ClickMetric<"high"> = ratioMetric(
  {
    summary: "Harmonic mean of precision and recall.",
    ...{ better: "high", needs: "a click, or a row that reaches the threshold" },
  },
  (y, _, predicted) => [2 * predicted * y, predicted + y],
);
