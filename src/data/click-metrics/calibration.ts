// Whether totals are right: Σ p / Σ y, the predicted-to-actual ratio.

import { type ClickMetric, ratioMetric } from "./metric.ts";

export const calibration: ClickMetric<"one"> = ratioMetric(
  { summary: "Clicks predicted over clicks observed.", better: "one", needs: "a click" },
  (y, p) => [p, y],
);
