// Calibration curves: how often rows of like predictions were really clicked, one plot a network, and the bins in a table.
// A network whose probabilities were repaired has its curve before the repair beside it.

import * as Plot from "@observablehq/plot";
import { formatCount } from "../../base/format.ts";
import type { CalibrationBin } from "../../data/click-metrics/ece.ts";
import { draw } from "../draw.ts";
import { formatShare } from "../figures.ts";
import { type Html, html, nothing, trusted } from "../html.ts";
import { cell, rest, row, type Section, table } from "../parts.ts";
import { clickMetricLabel } from "./measures.ts";
import type { NetworkResult } from "./results.ts";

/** Networks whose plots are shown without being asked for. */
const shown = 4;
const side = 300;

/** Nothing where no network has bins. */
export function calibration(networks: readonly NetworkResult[]): Section | undefined {
  const curved = networks.filter((network) => network.calibration.length > 0);
  if (curved.length === 0) return undefined;
  const repaired = curved.filter(({ repair }) => repair !== undefined);
  const [first, others] = [curved.slice(0, shown), curved.slice(shown)];
  const plots = (some: readonly NetworkResult[], from: number) =>
    html`<div class="curves">${some.map((network, i) => plot(network, `calibration-${from + i}`))}</div>`;
  const body = html`<p class="note">Rows in bins of equal mass by predicted probability. On the diagonal, predictions are rates: of a hundred rows given 10\u00a0%, ten are clicked. Below it the network promises too much. Bars are 95\u00a0% intervals.${repaired.length > 0 ? " Dashed and hollow: before its probabilities were repaired on the validation part." : ""}</p>
${plots(first, 0)}
${others.length > 0 ? rest(`The curves of the other ${others.length}`, plots(others, shown)) : nothing}
${repaired.length > 0 ? repairs(repaired) : nothing}
${rest("The bins, in numbers", html`${curved.map(bins)}`)}`;
  return { id: "calibration", title: "Whether probabilities are rates", body };
}

function plot({ name, calibration: after, repair }: NetworkResult, id: string): Html {
  const before = repair?.before.calibration ?? [];
  const top = Math.max(1e-6, ...[...after, ...before].flatMap(({ predicted, high }) => [predicted, high]));
  const at = { x: "predicted", y: "observed" };
  const axis = {
    ticks: 5,
    tickFormat: (share: number) => `${Number((100 * share).toPrecision(3))} %`,
    labelArrow: "none",
  };
  const options: Plot.PlotOptions = {
    ...{ width: side, height: side, marginLeft: 52, marginRight: 18, marginTop: 26, marginBottom: 40 },
    ...{ x: { domain: [0, top] }, y: { domain: [0, top] } },
    marks: [
      Plot.gridY({ ticks: 5, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX({ ...axis, label: "predicted", tickSize: 4 } as Plot.AxisXOptions),
      Plot.axisY({ ...axis, label: "clicked", tickSize: 0 } as Plot.AxisYOptions),
      Plot.line([0, top], { x: (x) => x, y: (x) => x, stroke: "var(--faint)", strokeDasharray: "2 3" }),
      Plot.line(before, { ...at, stroke: "var(--variant)", strokeWidth: 1.5, strokeDasharray: "5 3" }),
      Plot.dot(before, { ...at, r: 3.5, fill: "var(--paper)", stroke: "var(--variant)", strokeWidth: 1.5 }),
      Plot.ruleX(after, { x: "predicted", y1: "low", y2: "high", stroke: "var(--student)", strokeWidth: 1.5 }),
      Plot.line(after, { ...at, stroke: "var(--student)", strokeWidth: 1.75 }),
      Plot.dot(after, { ...at, r: 4, fill: "var(--student)", stroke: "var(--paper)", strokeWidth: 1 }),
    ],
  };
  const say = (some: readonly CalibrationBin[]) =>
    some
      .map(({ predicted, observed }) => `${formatShare(predicted)} predicted, ${formatShare(observed)} clicked`)
      .join("; ");
  const description = `${say(after)}.${before.length > 0 ? ` Before the repair: ${say(before)}.` : ""}`;
  return html`<figure><figcaption>${name}</figcaption>${draw(options, { id, title: `Calibration of ${name}`, description })}</figure>`;
}

function repairs(repaired: readonly NetworkResult[]): Html {
  const metrics = [...new Set(repaired.flatMap(({ repair }) => Object.keys(repair!.before.metrics)))];
  const show = (value: number | undefined) => (value === undefined ? "–" : value.toFixed(4));
  return table({
    ...{ caption: "Before and after the repair", kind: "numbers" },
    heads: [
      "Name",
      "Repair",
      ...metrics.map((metric) => ({ label: clickMetricLabel(metric), small: "before → after" })),
      "New ties",
    ],
    rows: repaired.map(({ name, metrics: after, repair }) =>
      row(name, [
        cell(repair!.method),
        ...metrics.map((metric) =>
          cell(html`${show(repair!.before.metrics[metric])} →${trusted("<br>")}${show(after[metric])}`),
        ),
        cell(formatCount(repair!.newTies)),
      ]),
    ),
  });
}

const bins = ({ name, calibration: all }: NetworkResult): Html =>
  table({
    ...{ caption: `Calibration of ${name}`, kind: "numbers" },
    heads: ["Bin", "Rows", "Predicted", "Clicked", "95 % interval"],
    rows: all.map(({ rows, predicted, observed, low, high }, at) =>
      row(String(at + 1), [
        ...[cell(formatCount(rows)), cell(formatShare(predicted)), cell(formatShare(observed))],
        cell(`${formatShare(low)} to ${formatShare(high)}`),
      ]),
    ),
  });
