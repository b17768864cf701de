// The measures of what anything that answers costs, for tables of all numbers.

import { formatBytes } from "../base/format.ts";
import { allParameters, alone, latencyAt } from "./cost-figures.ts";
import type { Cost } from "./cost-results.ts";
import { formatLarge, formatMilliseconds } from "./figures.ts";
import { badness, type Measure } from "./numbers.ts";

/** The group of what there is to ship. */
export const sizes = "Size to ship";
/** The group of what answering takes. */
export const times = "Cost of one answer";

/** A measure of a cost, of which less is better. */
export const costMeasure = (
  group: string,
  label: string,
  of: (cost: Cost) => number,
  show: (x: number) => string,
): Measure<{ readonly cost: Cost }> => ({
  ...{ group, label, badness: badness.low, show },
  ...{ of: ({ cost }) => of(cost), error: () => Number.NaN },
});

/** What anything that answers costs, in the tables of all numbers. */
export const costMeasures: readonly Measure<{ readonly cost: Cost }>[] = [
  costMeasure(sizes, "Raw", ({ bytes }) => bytes.raw, formatBytes),
  costMeasure(sizes, "gzip", ({ bytes }) => bytes.gzip, formatBytes),
  costMeasure(sizes, "Brotli", ({ bytes }) => bytes.brotli, formatBytes),
  costMeasure(sizes, "Parameters", allParameters, formatLarge),
  costMeasure(times, "FLOPs", ({ flops }) => alone(flops), formatLarge),
  costMeasure(times, "Latency, median", (cost) => latencyAt(cost).p50, formatMilliseconds),
  costMeasure(times, "Latency, 99th percentile", (cost) => latencyAt(cost).p99, formatMilliseconds),
  costMeasure(times, "In a page, median", (cost) => latencyAt(cost, 1, "wasm").p50, formatMilliseconds),
  costMeasure(times, "Memory to answer", ({ memory }) => memory.answering.bytes, formatBytes),
];
