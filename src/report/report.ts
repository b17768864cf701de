// report.html: one file that a product person can read and keep, findings first, tables folded. It loads nothing; a
// policy in the page forbids it to.

import { rankedWords } from "./account.ts";
import { changes } from "./changes.ts";
import { costs } from "./cost.ts";
import { curve } from "./curve.ts";
import { fidelity } from "./fidelity.ts";
import { headlineOf } from "./headline.ts";
import { html } from "./html.ts";
import { measuresOf } from "./measures.ts";
import { numberTables } from "./numbers.ts";
import { renderPage } from "./page.ts";
import type { Section } from "./parts.ts";
import type { Results } from "./results.ts";
import { samples } from "./samples.ts";
import { data, made, reproduce } from "./sections.ts";
import { verdicts } from "./verdicts.ts";

/** The whole report as HTML; the same results give the same bytes. */
export function renderReport(results: Results): string {
  const { sentence, figures, pick } = headlineOf(results);
  return renderPage({
    ...{ title: results.recipe, kicker: `${results.recipe} · ${results.dataset.name}`, sentence, figures },
    ...(results.candidates && {
      warning: `${rankedWords(results)}. Such figures rank variants in another order than a ranking of everything may, and are no measure of its quality.`,
    }),
    sections: [
      verdicts(results.variants, pick),
      curve(results),
      changes(results),
      fidelity(results, pick),
      samples(results),
      numbers(results),
      costs(results.variants, "request"),
      made(results),
      data(results),
      reproduce({ ...results, data: results.dataset.fingerprint, split: results.split.hash }),
    ],
  });
}

function numbers(results: Results): Section | undefined {
  if (results.variants.length === 0) return undefined;
  const body = html`<p class="note">${rankedWords(results)}, on the test part, items of the training part left out. ± is a 95 % interval over users; the best of each column is marked. Size is everything a runtime must load to answer: tables, scales, id maps and manifest.</p>
${numberTables(measuresOf(results), results.variants, (v) => v.role)}`;
  return { id: "numbers", title: "All the numbers", body };
}
