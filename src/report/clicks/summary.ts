// The plain-text account of a click run that the command line prints.

import { formatBytes, formatCount } from "../../base/format.ts";
import { allParameters, latencyAt } from "../cost-figures.ts";
import { formatMilliseconds } from "../figures.ts";
import { findingLines } from "../findings.ts";
import { fitted, type TextColumn } from "../text-table.ts";
import { verdictCell } from "../verdicts.ts";
import { clickMetricLabel, clickMetricsOf } from "./measures.ts";
import { headline } from "./report.ts";
import type { ClickResults, NetworkResult } from "./results.ts";

/**
 * The headline, one line a network of at most 100 characters, and what the parts hold. Ends without a newline; names are
 * checked when parsed.
 */
export function renderClickSummary(results: ClickResults): string {
  const { networks, clicklog } = results;
  const columns: readonly TextColumn<NetworkResult>[] = [
    { head: "", leaves: 0, of: ({ name }) => name },
    // The first metric stays; the last leave first, before anything else does.
    ...clickMetricsOf(results).map((metric, at) => ({
      ...{ head: clickMetricLabel(metric), leaves: at === 0 ? 0 : at + 4 },
      of: ({ metrics }: NetworkResult) => metrics[metric]?.toFixed(4) ?? "–",
    })),
    ...(networks.some(({ gates }) => gates?.length)
      ? [{ head: "gates", leaves: 0, of: ({ gates }: NetworkResult) => verdictCell(gates) }]
      : []),
    { head: "epoch", leaves: 2, of: ({ kept, curve }) => (curve.length > 0 ? `${kept} of ${curve.length}` : "–") },
    { head: "parameters", leaves: 4, of: ({ cost }) => formatCount(allParameters(cost)) },
    { head: "bytes", leaves: 0, of: ({ cost }) => formatBytes(cost.bytes.raw) },
    { head: "1 row", leaves: 1, of: ({ cost }) => formatMilliseconds(latencyAt(cost).p50) },
    // A part of fewer rows has no such batch.
    { head: "256 rows", leaves: 3, of: ({ cost }) => formatMilliseconds(latencyAt(cost, 256).p50) },
  ];
  const parts = [
    `${formatCount(clicklog.train.rows)} rows to train`,
    `${formatCount(clicklog.validation.rows)} to validate`,
    `${formatCount(clicklog.test.rows)} to test`,
  ];
  const data = `Data: ${clicklog.name}, ${parts.join(", ")}.`;
  const findings = findingLines(networks).join("\n");
  const notes = [...(findings ? [findings] : []), ...notesOf(networks)];
  return [headline(results), fitted(columns, networks), ...notes, data].join("\n\n");
}

/** What metrics say nothing of, and what a calibration did. */
function notesOf(networks: readonly NetworkResult[]): string[] {
  const all = (of: (network: NetworkResult) => object) =>
    Object.entries(Object.assign({}, ...networks.map(of)) as Record<string, number | string>);
  const left = all(({ leftOut, slicesLeftOut }) => ({ ...leftOut, ...slicesLeftOut }));
  const counted = left.map(([what, count]) => `${formatCount(count as number)} ${what}`).join(", ");
  const missing = all(({ notDefined }) => notDefined).map(
    ([name, needs]) => `${clickMetricLabel(name)} needs ${needs}`,
  );
  const repaired = networks.flatMap(({ name, metrics, repair }) => {
    const [was, is] = [repair?.before.metrics["ece"], metrics["ece"]];
    const change = was !== undefined && is !== undefined ? `, ECE ${was.toFixed(4)} to ${is.toFixed(4)}` : "";
    return repair ? [`Calibrated on validation: ${name} (${repair.method}${change}).`] : [];
  });
  return [
    ...(repaired.length > 0 ? [repaired.join("\n")] : []),
    ...(counted ? [`Left out: ${counted}.`] : []),
    ...(missing.length > 0 ? [`Not defined here: ${missing.join("; ")}.`] : []),
  ];
}
