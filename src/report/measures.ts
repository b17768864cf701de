// The rows of every table of numbers: what was measured, in which group, how it is shown and which way is better.
// The HTML report and the command line's summary read the same list.

import { formatBytes, formatCount } from "../base/format.ts";
import { allParameters, alone, exportBytes, historyBytes, latencyAt } from "./cost-figures.ts";
import type { Cost } from "./cost-results.ts";
import type { Results, Variant } from "./results.ts";

export interface Measure {
  readonly group: string;
  readonly label: string;
  readonly better: "high" | "low";
  /** NaN where the variant has no such number. */
  of(variant: Variant): number;
  show(value: number): string;
  /** Standard error of a mean over users; NaN where there is none. */
  error(variant: Variant): number;
}

const known: Record<string, string> = { ndcg: "NDCG", mrr: "MRR", map: "MAP", hit: "hit rate" };

/** "ndcg@20" → "NDCG@20", "tail" → "Tail". */
export function metricLabel(metric: string): string {
  const words = metric.split(/[-_ /]+/).map((word) => word.replace(/^[a-z]+/, (name) => known[name] ?? name));
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The metric that the report argues with: NDCG@20, or another NDCG, or the first one measured. */
export function mainMetric(results: Results): string {
  const names = Object.keys(results.variants[0]?.metrics ?? {});
  const best = ["ndcg@20", names.find((name) => name.startsWith("ndcg@")), names[0]];
  return best.find((name) => name !== undefined && names.includes(name)) ?? "ndcg@20";
}

/** 0.00412 → "0.412 %", 1.002 → "100.2 %": one digit after the point, or three that count for a small share. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return "–";
  const percent = share * 100;
  const digits = percent === 0 || percent >= 1 ? 1 : Math.min(6, 1 - Math.floor(Math.log10(percent)));
  return `${percent.toFixed(digits)} %`;
}

/** 0.0421 → "0.042 ms", 12.34 → "12.3 ms". */
export function formatMilliseconds(ms: number): string {
  return `${ms.toFixed(ms < 1 ? 3 : ms < 10 ? 2 : 1)} ms`;
}

/** 12345678 → "12.3 M". */
export function formatLarge(n: number): string {
  const units: [number, string][] = [
    [1e12, "T"],
    [1e9, "G"],
    [1e6, "M"],
    [1e4, "k"],
  ];
  const unit = units.find(([size]) => n >= size);
  if (!unit) return formatCount(n);
  const value = n / (unit[0] === 1e4 ? 1e3 : unit[0]);
  return `${value.toFixed(value < 100 ? 1 : 0)} ${unit[1]}`;
}

const shown = (show: (value: number) => string) => (value: number) => (Number.isFinite(value) ? show(value) : "–");

const metricMeasure = (metric: string): Measure => ({
  group: "Ranking quality",
  label: metricLabel(metric),
  better: "high",
  of: (v) => v.metrics[metric] ?? Number.NaN,
  error: (v) => v.standardError[metric] ?? Number.NaN,
  show: shown((x) => (/^coverage/.test(metric) ? formatShare(x) : x.toFixed(4))),
});

/** The main metric again, over each slice that anybody has. */
function sliceMeasures(results: Results, metric: string): Measure[] {
  const names = new Set(results.variants.flatMap((v) => v.slices.map(({ name }) => name)));
  const show = shown((x) => x.toFixed(4));
  return [...names].map((name) => {
    const of = (v: Variant) => v.slices.find((slice) => slice.name === name);
    return {
      ...{ group: `${metricLabel(metric)} by slice`, label: metricLabel(name), better: "high", show },
      of: (v) => of(v)?.metrics[metric] ?? Number.NaN,
      error: (v) => of(v)?.standardError[metric] ?? Number.NaN,
    };
  });
}

const costMeasure = (
  group: string,
  label: string,
  of: (cost: Cost) => number,
  show: (x: number) => string,
): Measure => ({
  group,
  label,
  better: "low",
  of: ({ cost }) => of(cost),
  show: shown(show),
  error: () => Number.NaN,
});

const [size, answer] = ["Size to ship", "Cost of one answer"];
const costMeasures: readonly Measure[] = [
  costMeasure(size, "Raw", ({ bytes }) => bytes.raw, formatBytes),
  costMeasure(size, "gzip", ({ bytes }) => bytes.gzip, formatBytes),
  costMeasure(size, "Brotli", ({ bytes }) => bytes.brotli, formatBytes),
  costMeasure(size, "ONNX export (apart)", exportBytes, formatBytes),
  costMeasure(size, "Histories on a server (apart)", historyBytes, formatBytes),
  costMeasure(size, "Parameters", allParameters, formatLarge),
  costMeasure(answer, "FLOPs", ({ flops }) => alone(flops), formatLarge),
  costMeasure(answer, "Latency, median", (cost) => latencyAt(cost).p50, formatMilliseconds),
  costMeasure(answer, "Latency, 99th percentile", (cost) => latencyAt(cost).p99, formatMilliseconds),
  costMeasure(answer, "Latency in a page, median", (cost) => latencyAt(cost, 1, "wasm").p50, formatMilliseconds),
  costMeasure(answer, "Memory to answer", ({ memory }) => memory.answering.bytes, formatBytes),
];

/** All measures that the results hold, in reading order: the main metric first, then others of its k; groups together. */
export function measuresOf(results: Results): Measure[] {
  const main = mainMetric(results);
  const names = new Set(results.variants.flatMap((v) => Object.keys(v.metrics)));
  names.delete(main);
  const cut = main.split("@")[1] ?? "";
  const rest = [...names].sort((a, b) => Number(b.endsWith(`@${cut}`)) - Number(a.endsWith(`@${cut}`)));
  const metrics = (results.variants.length ? [main, ...rest] : []).map(metricMeasure);
  return [
    ...metrics,
    ...sliceMeasures(results, main),
    ...costMeasures,
  ];
}

/** The best value of a measure among the variants (NaN where none has it). */
export function bestOf(measure: Measure, variants: readonly Variant[]): number {
  const values = variants.map((v) => measure.of(v)).filter(Number.isFinite);
  if (values.length === 0) return Number.NaN;
  return measure.better === "high" ? Math.max(...values) : Math.min(...values);
}
