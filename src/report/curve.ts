// Quality against what it costs: by bytes to ship and, folded, by latency.

import { formatBytes } from "../base/format.ts";
import { type Chart, chart, colours } from "./chart.ts";
import { latencyAt } from "./cost-figures.ts";
import { formatMilliseconds, listed } from "./figures.ts";
import { headlineOf, passes } from "./headline.ts";
import { type Html, html, nothing, trusted } from "./html.ts";
import { betterOf, mainLabel, mainMetric } from "./measures.ts";
import { fold, type Section } from "./parts.ts";
import { type Candidate, type Point, placePoints } from "./points.ts";
import type { Results, Variant } from "./results.ts";

/** Nothing where no variant has a size and a score. */
export function curve(results: Results): Section | undefined {
  const { sentence, pick, why, teacher } = headlineOf(results);
  const metric = mainMetric(results);
  const of = (id: string, costOf: (v: Variant) => number, cost: string, showCost: (x: number) => string): Chart => ({
    ...{ id, cost, showCost, sentence, metric: mainLabel(results) },
    points: placePoints(
      results.variants.map(
        (v): Candidate => ({
          ...{ name: v.name, role: v.role, of: v.of, cost: costOf(v), score: v.metrics[metric] ?? Number.NaN },
          ...{ error: v.standardError[metric] ?? Number.NaN, pick: v === pick },
          passes: v.gates && v.gates.length > 0 ? passes(v.gates) : undefined,
        }),
      ),
      betterOf(metric),
    ),
  });
  return curveSection(
    of("size", (v) => v.cost.bytes.raw, "bytes to ship", formatBytes),
    of("latency", (v) => latencyAt(v.cost).p50, "median latency of one answer", formatMilliseconds),
    { pick: pick && `${pick.name}, ${why}`, teacher: teacher !== undefined, over: "users" },
  );
}

/** A longer front is counted. */
const mostNamed = 8;

interface Told {
  /** What the ring is around. */
  readonly pick?: string | undefined;
  readonly teacher: boolean;
  /** What intervals are over. */
  readonly over: string;
}

/** Both charts with what their marks mean; nothing where there is no point. */
export function curveSection(size: Chart, latency: Chart, { pick, teacher, over }: Told): Section | undefined {
  const { points } = size.points;
  if (points.length === 0) return undefined;
  const has = (role: Point["role"]) => points.some((p) => p.role === role);
  const roles = (["teacher", "student", "variant", "network"] as const).filter(has);
  const front = points.filter((p) => p.front).sort((a, b) => a.cost - b.cost);
  const body = html`<p class="note">Up is better, left is smaller. The line is the front, of which nothing measured is both smaller and better: ${front.length > mostNamed ? `${front.length} of ${points.length}` : listed(front.map(({ name }) => name))}. Bars are 95\u00a0% intervals of ${size.metric} over ${over}${teacher ? "; the dotted line is the teacher's level" : ""}.</p>
<ul class="legend" aria-label="Marks">${roles.map((role) => html`<li>${mark(shapes[role], colours[role])}${meaning[role]}</li>`)}${
    points.some((p) => p.passes === false) ? html`<li>${hollow}hollow: does not pass every gate</li>` : nothing
  }${pick ? html`<li>${ring}${pick}</li>` : nothing}</ul>
${chart(size)}
${latency.points.points.length > 1 ? fold(`${size.metric} against latency`, chart(latency)) : nothing}`;
  return { id: "curve", title: "Size against quality", body };
}

const meaning: Record<Point["role"], string> = {
  ...{ teacher: "teacher", student: "student", variant: "compressed variant", network: "network" },
};
const circle = "M7 1.5a5.5 5.5 0 1 0 .01 0z";
const shapes: Record<Point["role"], string> = {
  ...{ teacher: "M2 2h10v10H2z", student: circle, variant: "M7 1.5 13 12H1z", network: circle },
};

const mark = (path: string, fill: string, stroke = "none"): Html =>
  trusted(
    `<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><path d="${path}" fill="${fill}" stroke="${stroke}" stroke-width="1.75"/></svg>`,
  );
const hollow = mark(circle, "none", "var(--soft)");
const ring = mark(circle, "none", "var(--pick)");
