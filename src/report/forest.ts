// Relative differences with their intervals, one line each, about a line of no difference.

import * as Plot from "@observablehq/plot";
import { draw } from "./draw.ts";
import { formatChange, formatInterval } from "./figures.ts";
import { type Html, html } from "./html.ts";

export interface Bar {
  readonly name: string;
  /** 0.01: one per cent more. */
  readonly share: number;
  readonly interval: readonly [number, number];
  /** What the interval says; drawn as a shape, too. */
  readonly word: "better" | "worse" | "either";
}

export interface Forest {
  readonly id: string;
  readonly label: string;
  readonly bars: readonly Bar[];
}

const marks = {
  better: { symbol: "triangle", fill: "var(--pick)", stroke: "var(--pick)" },
  worse: { symbol: "square", fill: "var(--bad)", stroke: "var(--bad)" },
  either: { symbol: "circle", fill: "var(--paper)", stroke: "var(--soft)" },
} as const;
const lineHeight = 26;

/** The plot for a wide page and for a narrow one. */
export function forest(of: Forest): Html {
  const key = (word: keyof typeof marks, text: string) => {
    const shape = { better: "M7 1.5 13 12H1z", worse: "M2 2h10v10H2z", either: "M7 2a5 5 0 1 0 .01 0z" }[word];
    return html`<li><svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path d="${shape}" fill="${marks[word].fill}" stroke="${marks[word].stroke}" stroke-width="1.5"/></svg>${text}</li>`;
  };
  const seen = new Set(of.bars.map(({ word }) => word));
  const legend = [
    ...(seen.has("better") ? [key("better", "better: the interval leaves 0 out")] : []),
    ...(seen.has("worse") ? [key("worse", "worse: the interval leaves 0 out")] : []),
    ...(seen.has("either") ? [key("either", "could be either")] : []),
  ];
  return html`<ul class="legend" aria-label="Marks">${legend}</ul>
<figure><div class="wide">${sized(of, 960)}</div><div class="narrow">${sized({ ...of, id: `${of.id}-narrow` }, 368)}</div></figure>`;
}

/** Three times as far as the median bar reaches: what lies beyond would press all others together. */
function edgeOf(bars: readonly Bar[]): number {
  const reach = bars.map(({ interval: [low, high] }) => Math.max(Math.abs(low), Math.abs(high))).sort((a, b) => a - b);
  return 3 * (reach[Math.floor(reach.length / 2)] || 1);
}

/** "+2 %", "−0.5 %": round numbers without the digits that they do not need. */
const tick = (share: number): string =>
  `${share > 0 ? "+" : share < 0 ? "−" : ""}${Number((100 * Math.abs(share)).toPrecision(3))} %`;

function sized({ id, label, bars }: Forest, width: number): Html {
  const small = width < 600;
  const size = small ? 11 : 12.5;
  const most = small ? 16 : 34;
  const longest = Math.max(...bars.map(({ name }) => Math.min(most, name.length)));
  const edge = edgeOf(bars);
  const inside = (share: number) => Math.min(edge, Math.max(-edge, share));
  const rows = bars.map(({ name, share, interval: [low, high], word }) => ({
    ...{ name, word, share: inside(share), low: inside(low), high: inside(high) },
    said: Math.abs(share) > edge ? `${share < 0 ? "← " : ""}${formatChange(share)}${share > 0 ? " →" : ""}` : "",
  }));
  const ends = rows.flatMap(({ low, high }) => [low, high, 0]);
  const room = (Math.max(...ends) - Math.min(...ends) || 0.01) * 0.06;
  const options: Plot.PlotOptions = {
    ...{ width, height: bars.length * lineHeight + 62, marginTop: 8, marginBottom: 54 },
    ...{ marginLeft: Math.ceil(longest * size * 0.58) + 16, marginRight: small ? 12 : 20 },
    x: { domain: [Math.min(...ends) - room, Math.max(...ends) + room] },
    y: { type: "point", domain: rows.map(({ name }) => name), padding: 0.6 },
    ...{ symbol: { type: "identity" }, color: { type: "identity" } },
    marks: [
      Plot.gridX({ ticks: small ? 4 : 8, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX({
        ...{ ticks: small ? 4 : 8, tickFormat: tick, tickSize: 4, labelArrow: "none" },
        ...{ label: "difference, as a share of the teacher's", labelAnchor: "right", labelOffset: 42 },
      }),
      Plot.axisY({
        ...{ tickSize: 0, tickPadding: 8, label: null, fontSize: size },
        tickFormat: (name: string) => (name.length > most ? `${name.slice(0, most - 1)}…` : name),
      }),
      Plot.ruleX([0], { stroke: "var(--ink)", strokeWidth: 1 }),
      Plot.ruleY(rows, {
        y: "name",
        x1: "low",
        x2: "high",
        strokeWidth: 1.75,
        stroke: (d) => marks[d.word as Bar["word"]].stroke,
      }),
      Plot.dot(rows, {
        ...{ y: "name", x: "share", r: 5, strokeWidth: 1.75 },
        symbol: (d: Pick<Bar, "word">) => marks[d.word].symbol,
        fill: (d) => marks[d.word as Bar["word"]].fill,
        stroke: (d) => marks[d.word as Bar["word"]].stroke,
      }),
      ...([1, -1] as const).map((side) =>
        Plot.text(rows, {
          ...{
            filter: (d) => d.said !== "" && d.share * side > 0,
            y: "name",
            x: "share",
            text: "said",
            dx: -12 * side,
          },
          ...{ textAnchor: side > 0 ? "end" : "start", fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 4 },
        }),
      ),
    ],
  };
  const list = bars.map(
    ({ name, share, interval, word }) =>
      `${name} ${formatChange(share)} (${formatInterval(interval, formatChange)}${word === "either" ? "" : `, ${word}`})`,
  );
  return draw(options, { id, title: label, description: `Difference and 95 % interval: ${list.join("; ")}.` }, size);
}
