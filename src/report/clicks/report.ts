// report.html of a click run: what the networks reach and for whom, whether their probabilities are rates, what they
// cost, and how they learnt.

import { formatBytes, formatCount } from "../../base/format.ts";
import { costs } from "../cost.ts";
import { allParameters, latencyAt } from "../cost-figures.ts";
import { curveSection } from "../curve.ts";
import { formatMilliseconds, formatShare } from "../figures.ts";
import { passes } from "../headline.ts";
import { html, nothing } from "../html.ts";
import { numberTables } from "../numbers.ts";
import { renderPage } from "../page.ts";
import { row, type Section, table } from "../parts.ts";
import { type Candidate, placePoints } from "../points.ts";
import { reproduce } from "../sections.ts";
import { verdicts } from "../verdicts.ts";
import { calibration } from "./calibration.ts";
import { type CurveSeries, curves } from "./curves.ts";
import { bestNetwork, clickBetter, clickMeasures, clickMetricLabel, clickMetricsOf } from "./measures.ts";
import type { ClickResults, NetworkResult, Part } from "./results.ts";
import { counts, slices } from "./slices.ts";

/** The whole report as HTML; the same results give the same bytes. */
export function renderClickReport(results: ClickResults): string {
  const best = bestNetwork(results);
  return renderPage({
    ...{ title: results.recipe, kicker: `${results.recipe} · ${results.clicklog.name}`, sentence: headline(results) },
    figures: best
      ? [
          {
            value: formatMilliseconds(latencyAt(best.cost).p50),
            label: "for one row (median)",
            against: many(latencyAt(best.cost, 256).p50),
          },
          {
            value: formatBytes(best.cost.bytes.raw),
            label: "to ship",
            against: `${formatBytes(best.cost.bytes.brotli)} with Brotli`,
          },
          {
            value: formatCount(allParameters(best.cost)),
            label: "parameters",
            against: `${formatCount(best.cost.parameters.tables)} of them in tables`,
          },
        ]
      : [],
    sections: [
      verdicts(results.networks, best),
      curve(results, best),
      numbers(results),
      calibration(results.networks),
      slices(results),
      learning(results),
      costs(results.networks, "row"),
      data(results),
      reproduce({ ...results, data: results.clicklog.fingerprint }),
    ],
  });
}

/** A part of fewer rows has no such batch. */
const many = (ms: number): string => (Number.isFinite(ms) ? `${formatMilliseconds(ms)} for 256 rows` : "");

/** The outcome in one sentence. */
export function headline(results: ClickResults): string {
  const best = bestNetwork(results);
  const [metric] = Object.keys(best?.metrics ?? {});
  if (!best || !metric) return "This run has measured nothing.";
  const value = best.metrics[metric]!.toFixed(4);
  const part = results.part === "test" ? "" : " on validation";
  const gates = best.gates?.length ?? 0;
  const all = gates === 1 ? "its gate" : `all ${gates} gates`;
  if (gates > 0 && !passes(best.gates))
    return `No network passes ${all}; the best, ${best.name}, reaches ${clickMetricLabel(metric)} ${value}${part} in ${formatBytes(best.cost.bytes.raw)}.`;
  return `${best.name} ${gates > 0 ? `passes ${all} and ` : ""}reaches ${clickMetricLabel(metric)} ${value}${part} in ${formatBytes(best.cost.bytes.raw)}.`;
}

/** Size against quality, where there is something to compare and one way is better. */
function curve(results: ClickResults, best: NetworkResult | undefined): Section | undefined {
  const [metric] = clickMetricsOf(results);
  const better = metric === undefined ? "one" : clickBetter(metric);
  if (metric === undefined || better === "one" || results.networks.length < 2) return undefined;
  const chartOf = (
    id: string,
    costOf: (n: NetworkResult) => number,
    cost: string,
    showCost: (x: number) => string,
  ) => ({
    ...{ id, cost, showCost, sentence: headline(results), metric: clickMetricLabel(metric) },
    points: placePoints(
      results.networks.map(
        (n): Candidate => ({
          ...{ name: n.name, role: "network", cost: costOf(n), score: n.metrics[metric] ?? Number.NaN },
          ...{ error: n.standardError[metric] ?? Number.NaN, pick: n === best },
          passes: n.gates && n.gates.length > 0 ? passes(n.gates) : undefined,
        }),
      ),
      better,
    ),
  });
  return curveSection(
    chartOf("size", (n) => n.cost.bytes.raw, "bytes to ship", formatBytes),
    chartOf("latency", (n) => latencyAt(n.cost).p50, "median latency of one row", formatMilliseconds),
    { pick: best && `${best.name}, the best`, teacher: false, over: results.units },
  );
}

function numbers(results: ClickResults): Section {
  const { networks, part, units, threshold } = results;
  const left = Object.assign({}, ...networks.map(({ leftOut }) => leftOut)) as Record<string, number>;
  const missing = Object.assign({}, ...networks.map(({ notDefined }) => notDefined)) as Record<string, string>;
  const without = Object.entries(missing).map(([metric, needs]) => `${clickMetricLabel(metric)} (needs ${needs})`);
  const body = html`<p class="note">Measured on the ${part} part by the model that ships. ± is a 95\u00a0% interval over ${units}; the best of each column is marked. Accuracy, precision, recall and F1 take a score of at least ${threshold} for a click. Size is everything a runtime must load: model, columns and manifest. Latency is one run of ONNX Runtime over rows that are encoded already.</p>
${numberTables(clickMeasures(results), networks, madeBy)}
${Object.keys(left).length > 0 ? html`<p class="note">Left out: ${counts(left)}.</p>` : nothing}
${without.length > 0 ? html`<p class="note">Without a value here: ${without.join(", ")}.</p>` : nothing}`;
  return { id: "numbers", title: "All the numbers", body };
}

/** What a network is, and what taught it. */
function madeBy({ network, teachers = [] }: NetworkResult): string {
  if (teachers.length === 0) return network;
  return `${network}${["ensemble", "packed"].includes(network) ? " of" : ", taught by"} ${teachers.join(", ")}`;
}

function learning({ networks, metric }: ClickResults): Section {
  const label = clickMetricLabel(metric);
  const series = (value: (epoch: { loss: number; metric: number | null }) => number | null): CurveSeries[] =>
    networks.map(({ name, curve, kept }) => ({
      ...{ name, kept },
      points: curve.flatMap((reading) => {
        const y = value(reading);
        return y === null ? [] : [{ epoch: reading.epoch, y }];
      }),
    }));
  const learnt = networks.filter(({ curve }) => curve.length > 0);
  const kept = learnt.map(({ name, kept, curve }) => `${name} epoch ${kept} of ${curve.length}`).join(", ");
  const body = html`<p class="note">${label} on validation, which also says when to stop, and the mean loss on train, by epoch. A dot marks the epoch that was kept: ${kept}.</p>
${curves([
  { id: "metric", title: `${label}, validation`, series: series((e) => e.metric) },
  { id: "loss", title: "Loss, train", series: series((e) => e.loss) },
])}`;
  return { id: "learning", title: "How they learnt", body };
}

function data({ clicklog }: ClickResults): Section {
  const part = (name: string, { rows, clicks }: Part) =>
    row(name, [
      html`<td class="number">${formatCount(rows)}</td><td class="number">${formatCount(clicks)}</td><td class="number">${rows > 0 ? formatShare(clicks / rows) : "–"}</td>`,
    ]);
  const held =
    clicklog.heldBack > 0
      ? ` The log has no validation part: ${formatCount(clicklog.heldBack)} training rows were held back for it.`
      : "";
  const parts = table({
    ...{ caption: "Rows of each part", kind: "numbers", heads: ["Part", "Rows", "Clicks", "Share"] },
    rows: [part("train", clicklog.train), part("validation", clicklog.validation), part("test", clicklog.test)],
  });
  const body = html`<p><strong>${clicklog.name}</strong>, read as ${clicklog.columns} feature columns.${held}</p>
${parts}`;
  return { id: "data", title: "The data", body };
}
