// Curves over epochs, one plot a quantity, one line a network.

import * as Plot from "@observablehq/plot";
import { draw } from "../draw.ts";
import { type Html, html, nothing, trusted } from "../html.ts";

export interface CurveSeries {
  readonly name: string;
  readonly points: readonly { readonly epoch: number; readonly y: number }[];
  /** The epoch to mark. */
  readonly kept: number;
}

interface Curve {
  readonly id: string;
  readonly title: string;
  readonly series: readonly CurveSeries[];
}

// Dashes tell lines apart where colours do not; sixteen lines differ in one or the other.
const colours = ["var(--student)", "var(--variant)", "var(--pick)", "var(--teacher)"];
const dashes = ["none", "6 3", "2 3", "8 3 2 3"];
const colour = (i: number): string => colours[i % 4]!;
const dash = (i: number): string => dashes[(i + Math.floor(i / 4)) % 4]!;
const height = 260;

/** The plots side by side on a wide page, one above the other on a narrow one, with a legend for several networks. */
export function curves(plots: readonly Curve[]): Html {
  const drawable = plots.filter(({ series }) => series.some(({ points }) => points.length > 0));
  if (drawable.length === 0) return nothing;
  const names = drawable[0]!.series.map(({ name }) => name);
  const key = (i: number) =>
    trusted(
      `<svg width="26" height="10" viewBox="0 0 26 10" aria-hidden="true"><path d="M1 5h24" stroke="${colour(i)}" stroke-width="2.5" stroke-dasharray="${dash(i)}"/></svg>`,
    );
  const legend = html`<ul class="legend" aria-label="Lines">${names.map((name, i) => html`<li>${key(i)}${name}</li>`)}</ul>`;
  return html`${names.length > 1 ? legend : nothing}<div class="curves">${drawable.map(figure)}</div>`;
}

function figure({ id, title, series }: Curve): Html {
  const epochs = Math.max(1, ...series.flatMap(({ points }) => points.map(({ epoch }) => epoch)));
  const options: Plot.PlotOptions = {
    ...{ width: 470, height, marginLeft: 52, marginRight: 14, marginTop: 28, marginBottom: 40 },
    x: { domain: [Math.min(1, epochs - 1), epochs] },
    y: { nice: true },
    marks: [
      Plot.gridY({ ticks: 5, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX({ ticks: Math.min(8, epochs), tickFormat: "d", label: "epoch", labelArrow: "none", tickSize: 4 }),
      Plot.axisY({ ticks: 5, tickSize: 0, label: title, labelArrow: "none" }),
      ...series.flatMap(({ points, kept }, i) => [
        Plot.line(points, { x: "epoch", y: "y", stroke: colour(i), strokeWidth: 2, strokeDasharray: dash(i) }),
        Plot.dot(
          points.filter(({ epoch }) => epoch === kept),
          { x: "epoch", y: "y", r: 5, fill: colour(i), stroke: "var(--paper)", strokeWidth: 1.5 },
        ),
      ]),
    ],
  };
  const ends = series.flatMap(({ name, points, kept }) => {
    const [first, last, best] = [points[0], points.at(-1), points.find(({ epoch }) => epoch === kept)];
    if (!first || !last || !best) return [];
    return [
      `${name}: ${first.y.toFixed(4)} at epoch ${first.epoch}, ${last.y.toFixed(4)} at epoch ${last.epoch}, ${best.y.toFixed(4)} at epoch ${kept}, which was kept`,
    ];
  });
  const description = `${ends.join("; ")}.`;
  return html`<figure>${draw(options, { id, title: `${title}, by epoch`, description })}</figure>`;
}
