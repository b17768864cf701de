// What a run measured of recommenders: how each metric is called, which way is better, in which table it stands.
// The page and the command line's summary read the same list.

import { formatBytes } from "../base/format.ts";
import type { SliceFigures } from "../evidence/evaluate.ts";
import type { MetricMethod } from "../kinds/metric.ts";
import { all as metrics } from "../metrics/index.ts";
import { exportBytes, historyBytes } from "./cost-figures.ts";
import { costMeasure, costMeasures, sizes } from "./cost-measures.ts";
import { formatShare } from "./figures.ts";
import { badness, type Measure } from "./numbers.ts";
import type { Results, Variant } from "./results.ts";

const known: Record<string, string> = {
  ndcg: "NDCG",
  mrr: "MRR",
  map: "MAP",
  auc: "AUC",
  f1: "F1",
  rbo: "RBO",
  hit: "hit rate",
};

/** "ndcg@20" → "NDCG@20", "tail" → "Tail". */
export function metricLabel(metric: string): string {
  const words = metric.split(/[-_ /]+/).map((word) => word.replace(/^[a-z]+\d*/, (name) => known[name] ?? name));
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The metric that the report argues with: NDCG@20, or another NDCG, or the first one measured. */
export const mainMetric = (results: Results): string => mainOf(results.variants[0]?.metrics ?? {});

/** The same of anybody's metrics. */
export function mainOf(metrics: Variant["metrics"]): string {
  const names = Object.keys(metrics);
  const best = ["ndcg@20", names.find((name) => name.startsWith("ndcg@")), names[0]];
  return best.find((name) => name !== undefined && names.includes(name)) ?? "ndcg@20";
}

/** The main metric's name in every heading: "NDCG@20", or "sampled NDCG@20" where only candidates were ranked. */
export const mainLabel = (results: Results): string =>
  `${results.candidates ? "sampled " : ""}${metricLabel(mainMetric(results))}`;

const methodOf = (metric: string): MetricMethod | undefined =>
  metrics.find(({ name }) => name === metric.split("@")[0]);

/** Whether more or less of a metric is wanted; more of one that this release does not know. */
export const betterOf = (metric: string): "high" | "low" => methodOf(metric)?.better ?? "high";

/** A metric's value as people read it. */
export const showMetric = (metric: string, value: number): string =>
  /^coverage@/.test(metric) ? formatShare(value) : value.toFixed(Math.abs(value) < 10 ? 4 : 2);

/** All metrics of the run: the main one first, then the others of its k. */
export function metricsOf(results: Results): string[] {
  const main = mainMetric(results);
  const names = new Set(results.variants.flatMap((v) => Object.keys(v.metrics)));
  names.delete(main);
  const cut = main.split("@")[1] ?? "";
  const rest = [...names].sort((a, b) => Number(b.endsWith(`@${cut}`)) - Number(a.endsWith(`@${cut}`)));
  return results.variants.length > 0 ? [main, ...rest] : [];
}

function metricMeasure(metric: string, { candidates }: Results): Measure<Variant> {
  const [, k] = metric.split("@");
  const what = methodOf(metric)?.judges === "lists" ? "What is shown" : "Ranking quality";
  return {
    group: `${what}${candidates ? " among sampled candidates" : ""}${k === undefined ? "" : `, first ${k}`}`,
    label: metricLabel(metric),
    badness: badness[betterOf(metric)],
    of: (v) => v.metrics[metric] ?? Number.NaN,
    error: (v) => v.standardError[metric] ?? Number.NaN,
    show: (x) => showMetric(metric, x),
  };
}

/** The slices that any variant has, in their order. */
export function slicesOf(variants: readonly Variant[]): SliceFigures[] {
  const slices = new Map<string, SliceFigures>();
  for (const v of variants) for (const slice of v.slices) if (!slices.has(slice.name)) slices.set(slice.name, slice);
  return [...slices.values()];
}

/** A metric over each slice that anybody has. */
export function sliceMeasures(results: Results, metric: string): Measure<Variant>[] {
  return slicesOf(results.variants).map(({ name }) => {
    const of = (v: Variant) => v.slices.find((slice) => slice.name === name);
    return {
      ...{
        group: `${results.candidates ? "Sampled " : ""}${metricLabel(metric)} by slice`,
        label: metricLabel(name),
        badness: badness[betterOf(metric)],
      },
      show: (x) => showMetric(metric, x),
      of: (v) => of(v)?.metrics[metric] ?? Number.NaN,
      error: (v) => of(v)?.standardError[metric] ?? Number.NaN,
    };
  });
}

/** All measures that the results hold, in reading order; groups together. */
export const measuresOf = (results: Results): Measure<Variant>[] => [
  ...metricsOf(results).map((metric) => metricMeasure(metric, results)),
  ...costMeasures,
  costMeasure(sizes, "ONNX export (apart)", exportBytes, formatBytes),
  costMeasure(sizes, "Histories on a server (apart)", historyBytes, formatBytes),
];
