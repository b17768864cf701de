// The plain-text account that the command line prints after a run.

import { formatBytes, formatTable } from "../base/format.ts";
import { accountLines } from "./account.ts";
import { latencyAt } from "./cost-figures.ts";
import { headlineOf } from "./headline.ts";
import { formatMilliseconds, formatShare, mainMetric, metricLabel } from "./measures.ts";
import type { Results } from "./results.ts";

/**
 * The headline and one line a variant: main metrics, share of the teacher's, bytes, latency; then where the
 * events went. Ends without a newline.
 */
export function renderSummary(results: Results): string {
  const { sentence, teacher } = headlineOf(results);
  const main = mainMetric(results);
  const recall = main.replace("ndcg", "recall");
  const metrics = [...new Set([main, recall])].filter((name) => results.variants.some((v) => name in v.metrics));
  const reference = teacher?.metrics[main] ?? Number.NaN;
  const header = ["", ...metrics.map(metricLabel), "of teacher", "raw", "brotli", "p50"];
  const rows = results.variants.map((v) => [
    printable(v.name),
    ...metrics.map((name) => v.metrics[name]?.toFixed(4) ?? "–"),
    formatShare((v.metrics[main] ?? Number.NaN) / reference),
    formatBytes(v.cost.bytes.raw),
    formatBytes(v.cost.bytes.brotli),
    formatMilliseconds(latencyAt(v.cost).p50),
  ]);
  const account = accountLines(results).map(printable).join("\n");
  return `${printable(sentence)}\n\n${formatTable([header, ...rows])}\n\n${account}`;
}

/** Text without the control characters that would steer a terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to drop
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "");
}
