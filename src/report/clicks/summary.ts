// The plain-text account of a click run that the command line prints.

import { formatBytes, formatCount, formatTable } from "../../base/format.ts";
import { allParameters, latencyAt } from "../cost-figures.ts";
import { formatMilliseconds } from "../measures.ts";
import { clickMetricLabel } from "./measures.ts";
import { headline } from "./report.ts";
import type { ClickResults } from "./results.ts";

/** The headline, one line a network, and what the parts hold. Ends without a newline; names are checked when parsed. */
export function renderClickSummary(results: ClickResults): string {
  const { networks, clicklog } = results;
  const metrics = [...new Set(networks.flatMap((network) => Object.keys(network.metrics)))];
  const rows = networks.map(({ name, metrics: found, cost, kept, curve }) => [
    name,
    ...metrics.map((metric) => found[metric]?.toFixed(4) ?? "–"),
    `${kept} of ${curve.length}`,
    formatCount(allParameters(cost)),
    formatBytes(cost.bytes.raw),
    formatMilliseconds(latencyAt(cost).p50),
    many(latencyAt(cost, 256).p50),
  ]);
  const header = ["", ...metrics.map(clickMetricLabel), "epoch", "parameters", "bytes", "1 row", "256 rows"];
  const parts = [
    `${formatCount(clicklog.train.rows)} rows to train`,
    `${formatCount(clicklog.validation.rows)} to validate`,
    `${formatCount(clicklog.test.rows)} to test`,
  ];
  return `${headline(results)}\n\n${formatTable([header, ...rows])}\n\nData: ${clicklog.name}, ${parts.join(", ")}.`;
}

/** A part of fewer rows has no such batch. */
const many = (ms: number): string => (Number.isFinite(ms) ? formatMilliseconds(ms) : "–");
