// The parts of the report below the headline, each a function from results to markup.

import { formatCount } from "../base/format.ts";
import { unusedOf, unusedWhy } from "./account.ts";
import { headlineOf } from "./headline.ts";
import { type Html, html, nothing } from "./html.ts";
import { bestOf, formatShare, type Measure } from "./measures.ts";
import type { Results, Sample, Variant } from "./results.ts";

/** Every measure of every variant: measures are rows, variants columns, the best of each row marked. */
export function numbers({ variants }: Results, measures: readonly Measure[]): Html {
  if (variants.length === 0) return nothing;
  const groups = [...new Set(measures.map((m) => m.group))];
  const cell = (measure: Measure, v: Variant, best: number) => {
    const value = measure.of(v);
    const error = measure.error(v);
    const spread = Number.isFinite(error) ? html` <small>± ${(1.96 * error).toFixed(4)}</small>` : nothing;
    // What reads the same is equally good; where all do, there is no best.
    const isBest = (other: Variant) => measure.show(measure.of(other)) === measure.show(best);
    if (!isBest(v) || variants.every(isBest)) return html`<td>${measure.show(value)}${spread}</td>`;
    return html`<td class="best">${measure.show(value)}${spread}<span class="hidden"> (best)</span></td>`;
  };
  const rows = (group: string) =>
    measures
      .filter((m) => m.group === group)
      .map((measure) => {
        const best = bestOf(measure, variants);
        return html`<tr><th scope="row">${measure.label}</th>${variants.map((v) => cell(measure, v, best))}</tr>\n`;
      });
  const heads = variants.map((v) => html`<th scope="col">${v.name}<small>${v.role}</small></th>`);
  const bodies = groups.map(
    (group) => html`<tbody>
<tr><th scope="rowgroup">${group}</th><td colspan="${variants.length}"></td></tr>
${rows(group)}</tbody>
`,
  );
  return html`<section aria-labelledby="numbers"><h2 id="numbers">All the numbers</h2>
<p class="note">Full ranking over the whole catalogue, on the test part, items of the training part left out. ± is a 95 % interval over users. Size is everything a runtime must load to answer: tables, scales, id maps and manifest.</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="numbers">
<table class="numbers"><thead><tr><th scope="col">Measure</th>${heads}</tr></thead>
${bodies}</table></div></section>`;
}

/** How each variant was made, and what a pass refused. */
export function made({ variants }: Results): Html {
  if (variants.length === 0) return nothing;
  const outcome = (v: Variant) =>
    (v.passes ?? []).map(
      (p) =>
        html`<div><code>${p.use}</code> ${p.changed.length ? `on ${p.changed.join(", ")}` : "changed nothing"}${p.refused.map(
          (r) => html`<br><span class="note">left ${r.table} as it was: ${r.reason}</span>`,
        )}</div>`,
    );
  const rows = variants.map(
    (v) =>
      html`<tr><th scope="row">${v.name}</th><td>${v.method}</td><td>${v.of ?? "–"}</td><td>${v.passes?.length ? outcome(v) : "–"}</td><td><code>${v.artifact}</code></td></tr>\n`,
  );
  return html`<section aria-labelledby="made"><h2 id="made">How each was made</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="made"><table class="words">
<thead><tr><th scope="col">Name</th><th scope="col">Method</th><th scope="col">Made from</th><th scope="col">Compression</th><th scope="col">Artifact</th></tr></thead>
<tbody>${rows}</tbody></table></div></section>`;
}

/** What the data is, and what cleaning dropped and why. */
export function data(results: Results): Html {
  const { dataset, split } = results;
  const unused = unusedOf(results);
  const first = dataset.dropped[0];
  const before = first ? first.dropped + first.left : 0;
  const rows = dataset.dropped.map(
    (d) =>
      html`<tr><th scope="row">${d.step}</th><td>${d.why}</td><td class="number">${formatCount(d.dropped)}</td><td class="number">${formatCount(d.left)}<span class="bar" aria-hidden="true"><span style="width:${((100 * d.left) / (before || 1)).toFixed(1)}%"></span></span></td></tr>\n`,
  );
  const last = dataset.dropped.at(-1);
  const cleaning = last
    ? html`<p>Of ${formatCount(before)} logged events cleaning kept ${formatCount(last.left)} (${formatShare(last.left / (before || 1))}):</p>
<div class="scroll" tabindex="0" role="region" aria-labelledby="data"><table class="words">
<thead><tr><th scope="col">Step</th><th scope="col">Why</th><th scope="col" class="number">Dropped</th><th scope="col" class="number">Left</th></tr></thead>
<tbody>${rows}</tbody></table></div>`
    : html`<p>Cleaning dropped nothing.</p>`;
  const { train, validation, test } = split;
  return html`<section aria-labelledby="data"><h2 id="data">The data</h2>
<p><strong>${dataset.name}</strong>: ${formatCount(dataset.users)} users, ${formatCount(dataset.items)} items, ${formatCount(dataset.interactions)} interactions, split <code>${split.use}</code> into ${formatCount(train)} for training, ${formatCount(validation)} for validation and ${formatCount(test)} for the test.${unused > 0 ? ` The other ${formatCount(unused)} are in no part: ${unusedWhy}.` : ""}</p>
${cleaning}</section>`;
}

/** Three users' lists from the teacher and the pick, side by side, what they really took marked. */
export function samples(results: Results): Html {
  const { teacher, pick } = headlineOf(results);
  const shown = results.samples.slice(0, 3);
  if (shown.length === 0) return nothing;
  const user = (sample: Sample, at: number) => {
    const names = [teacher?.name, pick?.name].filter((n): n is string => n !== undefined && n in sample.lists);
    for (const name of Object.keys(sample.lists)) if (names.length < 2 && !names.includes(name)) names.push(name);
    const truth = new Set(sample.truth);
    const list = (name: string) => {
      const items = (sample.lists[name] ?? []).slice(0, 10);
      const hits = items.filter((item) => truth.has(item)).length;
      const entries = items.map((item) =>
        truth.has(item)
          ? html`<li class="hit">${item} <span aria-hidden="true">✓</span><span class="hidden"> (taken)</span></li>`
          : html`<li>${item}</li>`,
      );
      return html`<div><h3>${name} <span class="count">${hits} of ${items.length} taken</span></h3><ol>${entries}</ol></div>`;
    };
    return html`<article class="user" aria-labelledby="user-${at}"><h3 id="user-${at}">User ${sample.user}</h3>
<p class="took">Took before: ${sample.history.join(" · ") || "nothing"}<br>Really took next: ${sample.truth.join(" · ") || "nothing"}</p>
<div class="lists">${names.map(list)}</div></article>`;
  };
  return html`<section aria-labelledby="samples"><h2 id="samples">What people would see</h2>
<p class="note">The first ten of each list for users of the test part; <span aria-hidden="true">✓</span> marks what the user really took afterwards.</p>
${shown.map(user)}</section>`;
}

/** What repeats a run, and where it was timed. */
export interface Reproduction extends Pick<Results, "recipe" | "seed" | "machine" | "reproduce"> {
  /** Fingerprint of the data. */
  readonly data: string;
  /** Hash of the split, where that is not part of the data. */
  readonly split?: string;
}

/** The command, the seed and the fingerprints that repeat the run, and the machine that made the timings. */
export function reproduce({ recipe, seed, data, split, machine, reproduce }: Reproduction): Html {
  const facts: [string, Html][] = [
    ["Recipe", html`${recipe}`],
    ["Seed", html`${seed}`],
    ["Data", html`<code>${data}</code>`],
    ...(split === undefined ? [] : [["Split", html`<code>${split}</code>`] as [string, Html]]),
    [
      "Machine",
      html`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)} when timed`,
    ],
  ];
  return html`<section aria-labelledby="reproduce"><h2 id="reproduce">How to reproduce</h2>
<p>The same command on the same data gives the same artifacts, byte for byte. Latency belongs to the machine named here.</p>
<pre>${reproduce}</pre>
<dl class="facts">${facts.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl></section>`;
}
