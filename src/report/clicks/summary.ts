// The plain-text account of a click run that the command line prints.

import { formatBytes, formatCount, formatTable } from "../../base/format.ts";
import { formatMilliseconds } from "../measures.ts";
import { clickMetricLabel } from "./measures.ts";
import { headline } from "./report.ts";
import type { ClickResults } from "./results.ts";

/** The headline, one line a network, and what the parts hold. Ends without a newline; names are checked when parsed. */
export function renderClickSummary(results: ClickResults): string {
  const { networks, clicklog } = results;
  const metrics = [...new Set(networks.flatMap((network) => Object.keys(network.metrics)))];
  const rows = networks.map(({ name, metrics: found, parameters, bytes, latencyMs, kept, curve }) => [
    name,
    ...metrics.map((metric) => found[metric]?.toFixed(4) ?? "–"),
    `${kept} of ${curve.length}`,
    formatCount(parameters.weights + parameters.tables),
    formatBytes(bytes.raw),
    formatMilliseconds(latencyMs.one.p50),
    formatMilliseconds(latencyMs.many.p50),
  ]);
  const header = ["", ...metrics.map(clickMetricLabel), "epoch", "parameters", "bytes", "1 row", "256 rows"];
  const parts = [
    `${formatCount(clicklog.train.rows)} rows to train`,
    `${formatCount(clicklog.validation.rows)} to validate`,
    `${formatCount(clicklog.test.rows)} to test`,
  ];
  return `${headline(results)}\n\n${formatTable([header, ...rows])}\n\nData: ${clicklog.name}, ${parts.join(", ")}.`;
}
