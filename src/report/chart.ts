// The size-against-quality chart as an SVG that needs nothing from outside: bytes to ship on a logarithmic x, the main
// metric on y. Colours are CSS variables of the page, shapes repeat what the colours say.

import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { formatBytes } from "../base/format.ts";
import { headlineOf } from "./headline.ts";
import { escapeHtml, type Html, nothing, trusted } from "./html.ts";
import { type Frame, placeLabels } from "./labels.ts";
import { mainMetric, metricLabel } from "./measures.ts";
import { byteTicks, type Point, pointsOf, scoreDigits, tickBytes } from "./points.ts";
import type { Results } from "./results.ts";

const symbols = { teacher: "square", student: "circle", variant: "triangle" } as const;

/** The chart, `width` × `height` pixels, its ids prefixed with `id`; `nothing` where there is no point to draw. */
export function chart(results: Results, id: string, width: number, height: number): Html {
  const metric = metricLabel(mainMetric(results));
  const { points, bytes, scores } = pointsOf(results);
  if (points.length === 0) return nothing;
  const small = width < 600;
  const frame = { left: small ? 46 : 56, top: 34, right: width - (small ? 8 : 20), bottom: height - 50 };
  const byName = new Map(points.map((p) => [p.name, p]));
  const descents = points.flatMap((to) => {
    const from = to.of === undefined ? undefined : byName.get(to.of);
    return from && !to.below ? [{ from, to }] : [];
  });
  const teacher = points.find((p) => p.role === "teacher" && !p.below);
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    document: document as unknown as Document,
    ...{ width, height, marginTop: frame.top, marginRight: width - frame.right },
    ...{ marginBottom: height - frame.bottom, marginLeft: frame.left },
    style: {
      background: "transparent",
      fontFamily: "inherit",
      fontSize: small ? "11px" : "12px",
      color: "var(--soft)",
    },
    x: { type: "log", domain: bytes },
    y: { domain: scores },
    symbol: { type: "identity" },
    color: { type: "identity" },
    marks: [
      Plot.gridY({ ticks: 6, stroke: "var(--line)", strokeOpacity: 1 }),
      Plot.axisX({
        ...{ ticks: byteTicks(bytes, small ? 4 : 7), tickFormat: tickBytes, tickSize: 5, labelArrow: "none" },
        ...{ label: "bytes to ship (logarithmic)", labelAnchor: "right", labelOffset: 44 },
      }),
      Plot.axisY({
        ...{ ticks: 6, tickSize: 0, tickFormat: (score: number) => score.toFixed(scoreDigits(scores)) },
        ...{ label: `↑ ${metric}`, labelArrow: "none" },
      }),
      Plot.ruleY([scores[0]], { stroke: "var(--faint)" }),
      ...(teacher ? [Plot.ruleY([teacher.y], { stroke: "var(--teacher)", strokeDasharray: "2 4" })] : []),
      Plot.link(descents, {
        ...{ x1: (d) => d.from.bytes, y1: (d) => d.from.y, x2: (d) => d.to.bytes, y2: (d) => d.to.y },
        ...{ stroke: "var(--line-strong)", strokeWidth: 1 },
      }),
      Plot.ruleX(points, {
        ...{ x: "bytes", y1: "low", y2: "high", strokeWidth: 1.75 },
        stroke: (p: Point) => `var(--${p.role})`,
      }),
      ...nameMarks(points, bytes, scores, frame, small ? 11 : 12.5),
      Plot.dot(points, {
        filter: "pick",
        ...{ x: "bytes", y: "y", r: 11, stroke: "var(--pick)", strokeWidth: 2, fill: "none" },
      }),
      Plot.dot(points, {
        ...{ x: "bytes", y: "y", r: 5.5, symbol: (p: Point) => symbols[p.role] },
        ...{ fill: (p: Point) => `var(--${p.role})`, stroke: "var(--paper)", strokeWidth: 1 },
        title: (p: Point) => `${p.name}: ${metric} ${p.score.toFixed(4)}, ${formatBytes(p.bytes)}`,
      }),
    ],
  });
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-labelledby", `${id}-title ${id}-desc`);
  const title = `<title id="${id}-title">${escapeHtml(`${metric} against bytes to ship`)}</title>`;
  const list = points.map((p) => `${p.name} (${p.role}): ${p.score.toFixed(4)} at ${formatBytes(p.bytes)}`).join("; ");
  const desc = `${headlineOf(results).sentence} ${metric} and size of each: ${list}. The table below has all figures.`;
  const described = `${title}<desc id="${id}-desc">${escapeHtml(desc)}</desc>`;
  return trusted(svg.outerHTML.replace(/^<svg[^>]*>/, (open) => open + described));
}

/** The points' names, each where nothing lies under it, with a line to its point where it had to go far. */
function nameMarks(
  points: readonly Point[],
  bytes: readonly [number, number],
  scores: readonly [number, number],
  frame: Frame,
  fontSize: number,
): Plot.Markish[] {
  const [letter, line] = [fontSize * 0.57, fontSize * 1.3];
  const decades = Math.log(bytes[1] / bytes[0]);
  const [across, up] = [frame.right - frame.left, frame.top - frame.bottom];
  const xAt = (b: number) => frame.left + (Math.log(b / bytes[0]) / decades) * across;
  const yAt = (s: number) => frame.bottom + ((s - scores[0]) / (scores[1] - scores[0])) * up;
  const bytesAt = (x: number) => bytes[0] * Math.exp(((x - frame.left) / across) * decades);
  const scoreAt = (y: number) => scores[0] + ((y - frame.bottom) / up) * (scores[1] - scores[0]);
  const spots = points.map((p) => ({
    ...{ x: xAt(p.bytes), y: yAt(p.y), top: yAt(p.high), bottom: yAt(p.low) },
    ...{ text: p.label, radius: p.pick ? 13 : 7 },
  }));
  const inner = { ...frame, left: frame.left + 2, bottom: frame.bottom - 2 };
  return placeLabels(spots, inner, letter, line).flatMap((place, i) => {
    const [point, spot] = [points[i]!, spots[i]!];
    if (!place) return [];
    const { dx, dy } = place;
    const strong = point.pick || point.role === "teacher";
    const text = Plot.text([point], {
      ...{ x: "bytes", y: "y", text: "label", dx, dy, textAnchor: "middle", lineAnchor: "middle", fontSize },
      ...{ fontWeight: strong ? 650 : 450, fill: "var(--ink)", stroke: "var(--paper)", strokeWidth: 4 },
    });
    if (!place.far) return [text];
    const { x, y } = place.edge;
    const leader = Plot.link([point], {
      ...{ x1: "bytes", y1: "y", x2: [bytesAt(spot.x + x)], y2: [scoreAt(spot.y + y)] },
      ...{ stroke: "var(--faint)", strokeWidth: 1 },
    });
    return [leader, text];
  });
}
