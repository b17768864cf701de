// What a click run measured of networks: how each metric is called, which way is better, in which table it stands. The
// page and the command line's summary read the same list.

import { formatBytes, formatCount } from "../../base/format.ts";
import { type ClickMetricName, clickMetrics } from "../../data/click-metrics/index.ts";
import type { Better } from "../../data/click-metrics/metric.ts";
import { latencyAt } from "../cost-figures.ts";
import { costMeasure, costMeasures, sizes, times } from "../cost-measures.ts";
import { formatMilliseconds } from "../figures.ts";
import { passes } from "../headline.ts";
import { badness, type Measure } from "../numbers.ts";
import type { ClickResults, NetworkResult } from "./results.ts";

const labels: Record<string, string> = {
  auc: "AUC",
  gauc: "GAUC",
  "log-loss": "Log loss",
  calibration: "Predicted over observed",
  ece: "Calibration error (ECE)",
  brier: "Brier score",
  accuracy: "Accuracy",
  precision: "Precision",
  recall: "Recall",
  f1: "F1",
};

/** "auc" → "AUC". */
export const clickMetricLabel = (metric: string): string => labels[metric] ?? metric;

/** Which way a metric is better; less, of one that this release does not know. */
export const clickBetter = (metric: string): Better => clickMetrics[metric as ClickMetricName]?.better ?? "low";

/** All metrics that any network has, in their order; the first is what the report argues with. */
export const clickMetricsOf = ({ networks }: ClickResults): string[] => [
  ...new Set(networks.flatMap(({ metrics }) => Object.keys(metrics))),
];

/** Figures of a network, or of some of the rows. */
type Figures = Pick<NetworkResult, "metrics" | "standardError">;

/** A metric as a column; `of` says of which rows. */
export const clickMeasure = (
  metric: string,
  group: string,
  label: string,
  of: (network: NetworkResult) => Figures | undefined,
): Measure<NetworkResult> => ({
  ...{ group, label, badness: badness[clickBetter(metric)], show: (x) => x.toFixed(4) },
  of: (network) => of(network)?.metrics[metric] ?? Number.NaN,
  error: (network) => of(network)?.standardError[metric] ?? Number.NaN,
});

/** All measures that the results hold, in reading order. */
export const clickMeasures = (results: ClickResults): Measure<NetworkResult>[] => [
  ...clickMetricsOf(results).map((metric) => clickMeasure(metric, "Quality", clickMetricLabel(metric), (one) => one)),
  ...costMeasures,
  costMeasure(sizes, "Of them in tables", ({ parameters }) => parameters.tables, formatCount),
  costMeasure(times, "Latency, 256 rows, median", (cost) => latencyAt(cost, 256).p50, formatMilliseconds),
  costMeasure(sizes, "Not needed to answer", ({ files }) => notLoaded(files), formatBytes),
];

const notLoaded = (files: NetworkResult["cost"]["files"]): number =>
  files.filter(({ load }) => !load).reduce((sum, { raw }) => sum + raw, 0);

/** The network with the best first metric; of those that pass every gate, where any does. */
export function bestNetwork(results: ClickResults): NetworkResult | undefined {
  const passing = results.networks.filter(({ gates }) => passes(gates));
  const [measure] = clickMeasures(results);
  const rank = (network: NetworkResult) => {
    const value = measure!.of(network);
    return Number.isFinite(value) ? measure!.badness(value) : Number.POSITIVE_INFINITY;
  };
  return [...(passing.length > 0 ? passing : results.networks)].sort((a, b) => rank(a) - rank(b))[0];
}
