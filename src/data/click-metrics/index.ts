// Metrics of clicks, by name. Unlike the ranking metrics (src/metrics) they compare a score with a label, row by row,
// and lie this low because training stops on them.

import { auc } from "./auc.ts";
import { calibrationError, predictedOverObserved } from "./calibration.ts";
import { gauc } from "./gauc.ts";
import { logLoss } from "./log-loss.ts";

/** Rows with their labels (0 or 1) and predicted probabilities; `group` is the user, -1 where unknown. */
export interface Scored {
  readonly label: Float32Array;
  readonly score: Float32Array;
  readonly group?: Int32Array;
}

export interface ClickMetric {
  readonly summary: string;
  /** "one": the nearer to 1 the better. */
  readonly better: "high" | "low" | "one";
  /** NaN where it is not defined: no rows, one class only, no groups, or a score that is NaN. */
  measure(rows: Scored): number;
}

export const clickMetrics = {
  auc: {
    summary: "Probability that a click scores higher than a non-click.",
    better: "high",
    measure: ({ label, score }) => auc(label, score).auc,
  },
  gauc: {
    summary: "Mean of each user's AUC, weighted by impressions; users with one class are left out.",
    better: "high",
    measure: ({ label, score, group }) => (group ? gauc(label, score, group).gauc : Number.NaN),
  },
  "log-loss": {
    summary: "Mean negative log-likelihood of the labels, in nats.",
    better: "low",
    measure: ({ label, score }) => logLoss(label, score),
  },
  calibration: {
    summary: "Clicks predicted over clicks observed.",
    better: "one",
    measure: ({ label, score }) => predictedOverObserved(label, score),
  },
  ece: {
    summary: "Mean gap between predicted and observed rate in 10 bins of equal mass.",
    better: "low",
    measure: ({ label, score }) => calibrationError(label, score),
  },
} as const satisfies Readonly<Record<string, ClickMetric>>;
