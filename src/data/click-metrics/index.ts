// Metrics of clicks, by name. Unlike the ranking metrics (src/metrics) they compare a score with a label, row by row,
// and lie this low because training stops on them.

import { accuracy } from "./accuracy.ts";
import { aucMetric } from "./auc.ts";
import { brier } from "./brier.ts";
import { calibration } from "./calibration.ts";
import { ece } from "./ece.ts";
import { f1 } from "./f1.ts";
import { gaucMetric } from "./gauc.ts";
import { logLoss } from "./log-loss.ts";
import type { ClickMetric } from "./metric.ts";
import { precision } from "./precision.ts";
import { recall } from "./recall.ts";

export const clickMetrics: {
  readonly auc: ClickMetric<"high">;
  readonly gauc: ClickMetric<"high">;
  readonly "log-loss": ClickMetric<"low">;
  readonly calibration: ClickMetric<"one">;
  readonly ece: ClickMetric<"low">;
  readonly brier: ClickMetric<"low">;
  readonly accuracy: ClickMetric<"high">;
  readonly precision: ClickMetric<"high">;
  readonly recall: ClickMetric<"high">;
  readonly f1: ClickMetric<"high">;
} = {
  auc: aucMetric,
  gauc: gaucMetric,
  "log-loss": logLoss,
  calibration,
  ece,
  brier,
  accuracy,
  precision,
  recall,
  f1,
};

export type ClickMetricName = keyof typeof clickMetrics;
