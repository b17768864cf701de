// report.html: one file that a product person can read and keep. It loads nothing; a policy in the page forbids it to.

import { chart } from "./chart.ts";
import { headlineOf } from "./headline.ts";
import { type Html, html, nothing, trusted } from "./html.ts";
import { mainMetric, measuresOf, metricLabel } from "./measures.ts";
import { renderPage } from "./page.ts";
import type { Results, Variant } from "./results.ts";
import { data, made, numbers, reproduce, samples } from "./sections.ts";

/** The whole report as HTML; the same results give the same bytes. */
export function renderReport(results: Results): string {
  const { sentence, figures } = headlineOf(results);
  return renderPage({
    ...{ title: results.recipe, kicker: `${results.recipe} · ${results.dataset.name}`, sentence, figures },
    sections: [
      curve(results),
      numbers(results, measuresOf(results)),
      samples(results),
      made(results),
      data(results),
      reproduce({ ...results, data: results.dataset.fingerprint, split: results.split.hash }),
    ],
  });
}

function curve(results: Results): Html {
  const wide = chart(results, "wide", 960, 460);
  if (wide === nothing) return nothing;
  const roles = [...new Set(results.variants.map((v) => v.role))];
  const { pick, teacher, why } = headlineOf(results);
  const metric = metricLabel(mainMetric(results));
  return html`<section aria-labelledby="curve"><h2 id="curve">Size against quality</h2>
<p class="note">Up is better, left is smaller.${teacher ? " The dotted line is the teacher's level." : ""} Bars are 95 % intervals of ${metric} over users; a line joins each to what it was made from.</p>
<ul class="legend" aria-label="Marks">${roles.map((role) => html`<li>${mark(role)}${meaning[role]}</li>`)}${
    pick ? html`<li>${ring}${pick.name}, ${why ?? ""}</li>` : nothing
  }</ul>
<figure><div class="wide">${wide}</div><div class="narrow">${chart(results, "narrow", 368, 400)}</div></figure></section>`;
}

const meaning: Record<Variant["role"], string> = {
  teacher: "teacher",
  student: "student",
  variant: "compressed variant",
};

const shapes: Record<Variant["role"], Html> = {
  teacher: trusted('<path d="M2 2h10v10H2z" fill="var(--teacher)"/>'),
  student: trusted('<circle cx="7" cy="7" r="5.5" fill="var(--student)"/>'),
  variant: trusted('<path d="M7 1.5 13 12H1z" fill="var(--variant)"/>'),
};

const mark = (role: Variant["role"]) =>
  html`<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">${shapes[role]}</svg>`;

const ring = trusted(
  '<svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true"><circle cx="7" cy="7" r="5.5" fill="none" stroke="var(--pick)" stroke-width="2"/></svg>',
);
