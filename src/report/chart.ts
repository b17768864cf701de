// The chart of quality against cost: cost on a logarithmic x, the metric on y, better always up. Shapes repeat what
// colours say; a model that does not pass its gates is hollow; the front is a staircase.

import * as Plot from "@observablehq/plot";
import { draw } from "./draw.ts";
import { type Html, html, nothing } from "./html.ts";
import { type Frame, placeLabels } from "./labels.ts";
import { logTicks, type Point, type Points, scoreDigits } from "./points.ts";

const symbols = { teacher: "square", student: "circle", variant: "triangle", network: "circle" } as const;
export const colours: Record<Point["role"], string> = {
  ...{ teacher: "var(--teacher)", student: "var(--student)", variant: "var(--variant)", network: "var(--student)" },
};
/** With more points than this only those are named that matter, and what was made from what is not drawn. */
const few = 14;

export interface Chart {
  /** Unique in the page. */
  readonly id: string;
  readonly points: Points;
  readonly metric: string;
  /** What the x axis is, and how its values are written. */
  readonly cost: string;
  readonly showCost: (cost: number) => string;
  /** What the chart shows, in a sentence before its numbers. */
  readonly sentence: string;
}

/** The chart for a wide page and for a narrow one, of which the style sheet shows one. */
export function chart(of: Chart): Html {
  if (of.points.points.length === 0) return nothing;
  return html`<figure><div class="wide">${sized(of, 960, 460)}</div><div class="narrow">${sized({ ...of, id: `${of.id}-narrow` }, 368, 400)}</div></figure>`;
}

function sized(
  { id, points: { points, costs, scores }, metric, cost, showCost, sentence }: Chart,
  width: number,
  height: number,
): Html {
  const small = width < 600;
  const frame = { left: small ? 46 : 56, top: 34, right: width - (small ? 8 : 20), bottom: height - 50 };
  const byName = new Map(points.map((p) => [p.name, p]));
  const descents = points.flatMap((to) => {
    const from = to.of === undefined ? undefined : byName.get(to.of);
    return from && !to.below && points.length <= few ? [{ from, to }] : [];
  });
  const teacher = points.find((p) => p.role === "teacher" && !p.below);
  const at = { x: "cost", y: "y" };
  const options: Plot.PlotOptions = {
    ...{ width, height, marginTop: frame.top, marginRight: width - frame.right },
    ...{ marginBottom: height - frame.bottom, marginLeft: frame.left },
    ...{ x: { type: "log", domain: costs }, y: { domain: scores } },
    ...{ symbol: { type: "identity" }, color: { type: "identity" } },
    marks: [
      Plot.gridY({ ticks: 6, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX({
        ...{ ticks: logTicks(costs, small ? 4 : 7), tickSize: 5, labelArrow: "none" },
        // 100 KB, without the decimals that round numbers do not need.
        tickFormat: (x: number) =>
          showCost(x)
            .replace(/(\.\d*?)0+ /, "$1 ")
            .replace(". ", " "),
        ...{ label: `${cost} (logarithmic)`, labelAnchor: "right", labelOffset: 44 },
      }),
      Plot.axisY({
        ...{ ticks: 6, tickSize: 0, tickFormat: (score: number) => score.toFixed(scoreDigits(scores)) },
        ...{ label: metric, labelArrow: "none" },
      }),
      Plot.ruleY([scores[0]], { stroke: "var(--faint)" }),
      ...(teacher ? [Plot.ruleY([teacher.y], { stroke: "var(--teacher)", strokeDasharray: "2 4" })] : []),
      Plot.link(descents, {
        ...{ x1: (d) => d.from.cost, y1: (d) => d.from.y, x2: (d) => d.to.cost, y2: (d) => d.to.y },
        ...{ stroke: "var(--line-strong)", strokeWidth: 1 },
      }),
      Plot.line(frontOf(points), { ...at, curve: "step-after", stroke: "var(--soft)", strokeWidth: 1.25 }),
      Plot.ruleX(points, {
        ...{ x: "cost", y1: "low", y2: "high", strokeWidth: 1.75 },
        stroke: (p: Point) => colours[p.role],
      }),
      ...nameMarks(points, costs, scores, frame, small ? 11 : 12.5),
      Plot.dot(points, { ...at, filter: "pick", r: 11, stroke: "var(--pick)", strokeWidth: 2, fill: "none" }),
      Plot.dot(points, {
        ...{ ...at, r: 5.5, symbol: (p: Point) => symbols[p.role], strokeWidth: 1.5 },
        fill: (p: Point) => (p.passes === false ? "var(--paper)" : colours[p.role]),
        stroke: (p: Point) => (p.passes === false ? colours[p.role] : "var(--paper)"),
        title: (p: Point) => said(p, metric, showCost),
      }),
    ],
  };
  return draw(
    options,
    { id, title: `${metric} against ${cost}`, description: describe(points, metric, sentence, showCost) },
    small ? 11 : 12,
  );
}

/** The front by rising cost, without points below the chart. */
const frontOf = (points: readonly Point[]): Point[] =>
  points.filter(({ front, below }) => front && !below).sort((a, b) => a.cost - b.cost);

const said = (p: Point, metric: string, showCost: (cost: number) => string): string =>
  `${p.name}: ${metric} ${p.score.toFixed(4)}, ${showCost(p.cost)}${p.passes === undefined ? "" : p.passes ? ", passes every gate" : ", does not pass every gate"}`;

const matters = (p: Point) => p.pick || p.role === "teacher" || p.front;

function describe(
  points: readonly Point[],
  metric: string,
  sentence: string,
  showCost: (cost: number) => string,
): string {
  const matter = points.length <= few ? points : points.filter(matters);
  const rest = points.length - matter.length;
  const list = matter.map((p) => `${said(p, metric, showCost)}${p.front ? ", on the front" : ""}`).join("; ");
  return `${sentence} ${list}.${rest > 0 ? ` ${rest} more are not on the front.` : ""} The tables below have all figures.`;
}

/** The points' names, each where nothing lies under it, with a line to its point where it had to go far. */
function nameMarks(
  points: readonly Point[],
  costs: readonly [number, number],
  scores: readonly [number, number],
  frame: Frame,
  fontSize: number,
): Plot.Markish[] {
  const [letter, line] = [fontSize * 0.57, fontSize * 1.3];
  const decades = Math.log(costs[1] / costs[0]);
  const [across, up] = [frame.right - frame.left, frame.top - frame.bottom];
  const xAt = (b: number) => frame.left + (Math.log(b / costs[0]) / decades) * across;
  const yAt = (s: number) => frame.bottom + ((s - scores[0]) / (scores[1] - scores[0])) * up;
  const costAt = (x: number) => costs[0] * Math.exp(((x - frame.left) / across) * decades);
  const scoreAt = (y: number) => scores[0] + ((y - frame.bottom) / up) * (scores[1] - scores[0]);
  // A point on the lower edge that was not named would be read as lying there.
  const unnamed = (p: Point) => points.length > few && !(matters(p) || p.below);
  const spots = points.map((p) => ({
    ...{ x: xAt(p.cost), y: yAt(p.y), top: yAt(p.high), bottom: yAt(p.low) },
    ...{ text: unnamed(p) ? "" : p.label, radius: p.pick ? 13 : 7 },
  }));
  const inner = { ...frame, left: frame.left + 2, bottom: frame.bottom - 2 };
  return placeLabels(spots, inner, letter, line).flatMap((place, i) => {
    const [point, spot] = [points[i]!, spots[i]!];
    if (!place || spot.text === "") return [];
    const { dx, dy } = place;
    const strong = point.pick || point.role === "teacher";
    const text = Plot.text([point], {
      ...{ x: "cost", y: "y", text: "label", dx, dy, textAnchor: "middle", lineAnchor: "middle", fontSize },
      ...{ fontWeight: strong ? 650 : 450, fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 4 },
    });
    if (!place.far) return [text];
    const { x, y } = place.edge;
    const leader = Plot.link([point], {
      ...{ x1: "cost", y1: "y", x2: [costAt(spot.x + x)], y2: [scoreAt(spot.y + y)] },
      ...{ stroke: "var(--faint)", strokeWidth: 1 },
    });
    return [leader, text];
  });
}
