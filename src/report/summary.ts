// The plain-text account that the command line prints after a run.

import { formatBytes } from "../base/format.ts";
import { accountLines } from "./account.ts";
import { latencyAt } from "./cost-figures.ts";
import { fidelityLabel } from "./fidelity.ts";
import { formatMilliseconds, formatShare } from "./figures.ts";
import { findingLines } from "./findings.ts";
import { headlineOf } from "./headline.ts";
import { mainMetric, metricLabel } from "./measures.ts";
import type { Results, Variant } from "./results.ts";
import { fitted, type TextColumn } from "./text-table.ts";
import { verdictCell } from "./verdicts.ts";

const longestName = 40;

/**
 * The headline and one line a variant: main metrics, share of the teacher's, verdict of the gates, overlap with the
 * teacher, bytes, latency, at most 100 characters wide; then where the events went. Ends without a newline.
 */
export function renderSummary(results: Results): string {
  const { sentence, teacher } = headlineOf(results);
  const { variants } = results;
  const main = mainMetric(results);
  const recall = main.replace("ndcg", "recall");
  const overlap = overlapOf(variants);
  const reference = (teacher ?? results.teacher)?.metrics[main] ?? Number.NaN;
  const metric = (name: string, leaves: number): TextColumn<Variant> => ({
    ...{ head: `${results.candidates ? "sampled " : ""}${metricLabel(name)}`, leaves },
    of: (v) => v.metrics[name]?.toFixed(4) ?? "–",
  });
  const columns: readonly TextColumn<Variant>[] = [
    { head: "", leaves: 0, of: (v) => shortened(printable(v.name)) },
    metric(main, 0),
    ...(recall !== main && variants.some((v) => recall in v.metrics) ? [metric(recall, 4)] : []),
    { head: "of teacher", leaves: 1, of: (v) => formatShare((v.metrics[main] ?? Number.NaN) / reference) },
    ...(variants.some((v) => v.gates?.length) ? [{ head: "gates", leaves: 0, of: gatesOf }] : []),
    ...(overlap
      ? [{ head: fidelityLabel(overlap), leaves: 2, of: (v: Variant) => shareOf(v.fidelity?.metrics[overlap]) }]
      : []),
    { head: "raw", leaves: 0, of: (v) => formatBytes(v.cost.bytes.raw) },
    { head: "brotli", leaves: 5, of: (v) => formatBytes(v.cost.bytes.brotli) },
    { head: "p50", leaves: 3, of: (v) => formatMilliseconds(latencyAt(v.cost).p50) },
  ];
  const account = accountLines(results).map(printable).join("\n");
  const findings = findingLines(variants).map(printable).join("\n");
  return [printable(sentence), fitted(columns, variants), ...(findings ? [findings] : []), account].join("\n\n");
}

/** The first overlap that anybody has. */
const overlapOf = (variants: readonly Variant[]): string | undefined =>
  variants.flatMap((v) => Object.keys(v.fidelity?.metrics ?? {})).find((name) => name.startsWith("overlap@"));

const shareOf = (share: number | undefined): string => (share === undefined ? "–" : formatShare(share));
const gatesOf = (v: Variant): string => verdictCell(v.gates);

const shortened = (name: string): string => (name.length > longestName ? `${name.slice(0, longestName - 1)}…` : name);

/** Text without the control characters that would steer a terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to drop
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
}
