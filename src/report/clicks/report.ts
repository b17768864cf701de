// report.html of a click run: what the networks reach, what they cost, and how they learnt.

import { formatBytes, formatCount } from "../../base/format.ts";
import { allParameters, latencyAt } from "../cost-figures.ts";
import { type Html, html, nothing } from "../html.ts";
import { formatMilliseconds, formatShare } from "../measures.ts";
import { renderPage } from "../page.ts";
import { reproduce } from "../sections.ts";
import { type CurveSeries, curves } from "./curves.ts";
import { bestNetwork, type ClickMeasure, clickMeasures, clickMetricLabel, isBest } from "./measures.ts";
import type { ClickResults, Part } from "./results.ts";

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
            against: `${formatMilliseconds(latencyAt(best.cost, 256).p50)} for 256 rows`,
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
      numbers(results),
      learning(results),
      data(results),
      reproduce({ ...results, data: fingerprint(results) }),
    ],
  });
}

const fingerprint = (results: ClickResults): string => results.clicklog.fingerprint;

/** The outcome in one sentence. */
export function headline(results: ClickResults): string {
  const best = bestNetwork(results);
  const [metric] = Object.keys(best?.metrics ?? {});
  if (!best || !metric) return "This run has measured nothing.";
  const value = best.metrics[metric]!.toFixed(4);
  const part = results.part === "test" ? "" : " on validation";
  return `${best.name} reaches ${clickMetricLabel(metric)} ${value}${part} in ${formatBytes(best.cost.bytes.raw)}.`;
}

function numbers(results: ClickResults): Html {
  const { networks, part } = results;
  const measures = clickMeasures(results);
  const cell = (measure: ClickMeasure, at: number) => {
    const value = measure.of(networks[at]!);
    const error = measure.error(networks[at]!);
    const spread = Number.isFinite(error) ? html` <small>± ${(1.96 * error).toFixed(4)}</small>` : nothing;
    const text = html`${Number.isFinite(value) ? measure.show(value) : "–"}${spread}`;
    if (!isBest(measure, networks, at)) return html`<td>${text}</td>`;
    return html`<td class="best">${text}<span class="hidden"> (best)</span></td>`;
  };
  const bodies = [...new Set(measures.map((m) => m.group))].map(
    (group) => html`<tbody>
<tr><th scope="rowgroup">${group}</th><td colspan="${networks.length}"></td></tr>
${measures
  .filter((m) => m.group === group)
  .map((m) => html`<tr><th scope="row">${m.label}</th>${networks.map((_, at) => cell(m, at))}</tr>\n`)}</tbody>
`,
  );
  const heads = networks.map((n) => html`<th scope="col">${n.name}<small>${n.network}</small></th>`);
  return html`<section aria-labelledby="numbers"><h2 id="numbers">All the numbers</h2>
<p class="note">Measured on the ${part} part by the model that ships. ± is a 95 % interval over ${results.units}. Size is everything a runtime must load: model, columns and manifest. Latency is one run of ONNX Runtime over rows that are encoded already.</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="numbers">
<table class="numbers"><thead><tr><th scope="col">Measure</th>${heads}</tr></thead>
${bodies}</table></div></section>`;
}

function learning({ networks, metric }: ClickResults): Html {
  const label = clickMetricLabel(metric);
  const series = (value: (epoch: { loss: number; metric: number | null }) => number | null): CurveSeries[] =>
    networks.map(({ name, curve, kept }) => ({
      ...{ name, kept },
      points: curve.flatMap((reading) => {
        const y = value(reading);
        return y === null ? [] : [{ epoch: reading.epoch, y }];
      }),
    }));
  const kept = networks.map(({ name, kept, curve }) => `${name} epoch ${kept} of ${curve.length}`).join(", ");
  return html`<section aria-labelledby="learning"><h2 id="learning">How they learnt</h2>
<p class="note">${label} on validation, which also says when to stop, and the mean loss on train, by epoch. A dot marks the epoch that was kept: ${kept}.</p>
${curves([
  { id: "metric", title: `${label}, validation`, series: series((e) => e.metric) },
  { id: "loss", title: "Loss, train", series: series((e) => e.loss) },
])}</section>`;
}

function data({ clicklog }: ClickResults): Html {
  const part = (name: string, { rows, clicks }: Part) =>
    html`<tr><th scope="row">${name}</th><td class="number">${formatCount(rows)}</td><td class="number">${formatCount(clicks)}</td><td class="number">${rows > 0 ? formatShare(clicks / rows) : "–"}</td></tr>\n`;
  const held =
    clicklog.heldBack > 0
      ? ` The log has no validation part: ${formatCount(clicklog.heldBack)} training rows were held back for it.`
      : "";
  return html`<section aria-labelledby="data"><h2 id="data">The data</h2>
<p><strong>${clicklog.name}</strong>, read as ${clicklog.columns} feature columns.${held}</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="data"><table class="words">
<thead><tr><th scope="col">Part</th><th scope="col" class="number">Rows</th><th scope="col" class="number">Clicks</th><th scope="col" class="number">Share</th></tr></thead>
<tbody>${part("train", clicklog.train)}${part("validation", clicklog.validation)}${part("test", clicklog.test)}</tbody></table></div></section>`;
}
