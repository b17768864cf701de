// The rows of a click run's table of numbers, for the page and the command line's summary alike.

import { formatBytes, formatCount } from "../../base/format.ts";
import { alone, latencyAt } from "../cost-figures.ts";
import type { Cost } from "../cost-results.ts";
import { formatLarge, formatMilliseconds } from "../measures.ts";
import type { ClickResults, NetworkResult } from "./results.ts";

export interface ClickMeasure {
  readonly group: string;
  readonly label: string;
  /** How far a value is from the best one there could be. */
  badness(value: number): number;
  /** NaN where the network has no such number. */
  of(network: NetworkResult): number;
  show(value: number): string;
  error(network: NetworkResult): number;
}

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

const badness: Record<string, (value: number) => number> = {
  auc: (x) => -x,
  gauc: (x) => -x,
  accuracy: (x) => -x,
  precision: (x) => -x,
  recall: (x) => -x,
  f1: (x) => -x,
  calibration: (x) => Math.abs(x - 1),
};
const low = (x: number): number => x;

const quality = (metric: string): ClickMeasure => ({
  ...{ group: "Quality", label: clickMetricLabel(metric), badness: badness[metric] ?? low },
  of: ({ metrics }) => metrics[metric] ?? Number.NaN,
  show: (x) => x.toFixed(4),
  error: ({ standardError }) => standardError[metric] ?? Number.NaN,
});

const cost = (group: string, label: string, of: (cost: Cost) => number, show: (x: number) => string): ClickMeasure => ({
  ...{ group, label, badness: low, of: (network) => of(network.cost) },
  show: (x) => (Number.isFinite(x) ? show(x) : "–"),
  error: () => Number.NaN,
});

const size = "Size to ship";
const time = "Cost of an answer";
const costs: readonly ClickMeasure[] = [
  cost(size, "Raw", ({ bytes }) => bytes.raw, formatBytes),
  cost(size, "gzip", ({ bytes }) => bytes.gzip, formatBytes),
  cost(size, "Brotli", ({ bytes }) => bytes.brotli, formatBytes),
  cost(size, "Parameters in tables", ({ parameters }) => parameters.tables, formatCount),
  cost(size, "Parameters in weights", ({ parameters }) => parameters.weights, formatCount),
  cost(time, "FLOPs, 1 row", ({ flops }) => alone(flops), formatLarge),
  cost(time, "Latency, 1 row, median", (one) => latencyAt(one).p50, formatMilliseconds),
  cost(time, "Latency, 1 row, 99th percentile", (one) => latencyAt(one).p99, formatMilliseconds),
  cost(time, "Latency, 256 rows, median", (one) => latencyAt(one, 256).p50, formatMilliseconds),
  cost(time, "Latency, 256 rows, 99th percentile", (one) => latencyAt(one, 256).p99, formatMilliseconds),
  cost(time, "Latency in a page, 1 row, median", (one) => latencyAt(one, 1, "wasm").p50, formatMilliseconds),
  cost(time, "Memory to answer", ({ memory }) => memory.answering.bytes, formatBytes),
];

/** All measures that the results hold, in reading order. */
export const clickMeasures = ({ networks }: ClickResults): ClickMeasure[] => [
  ...[...new Set(networks.flatMap(({ metrics }) => Object.keys(metrics)))].map(quality),
  ...costs,
];

/** Whether no network reads better; where all read the same there is no best. */
export function isBest(measure: ClickMeasure, networks: readonly NetworkResult[], at: number): boolean {
  const values = networks.map(measure.of);
  const shown = values.map(measure.show);
  const value = values[at]!;
  if (!Number.isFinite(value) || shown.every((text) => text === shown[at])) return false;
  const least = Math.min(...values.filter(Number.isFinite).map(measure.badness));
  return measure.badness(value) === least || shown[at] === shown[values.map(measure.badness).indexOf(least)];
}

/** The network with the best first metric. */
export function bestNetwork(results: ClickResults): NetworkResult | undefined {
  const [measure] = clickMeasures(results);
  const rank = (network: NetworkResult) => {
    const value = measure!.of(network);
    return Number.isFinite(value) ? measure!.badness(value) : Number.POSITIVE_INFINITY;
  };
  return [...results.networks].sort((a, b) => rank(a) - rank(b))[0];
}
