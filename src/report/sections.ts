// How a run's variants were made, what it was made of, and what repeats it.

import { formatBytes, formatCount } from "../base/format.ts";
import { evaluatedLines, unusedOf, unusedWhy } from "./account.ts";
import { formatShare } from "./figures.ts";
import { type Html, html, nothing } from "./html.ts";
import { foldedTable, row, type Section } from "./parts.ts";
import type { Results, Variant } from "./results.ts";

/** How each variant was made, and what a pass refused. */
export function made({ variants }: Results): Section | undefined {
  if (variants.length === 0) return undefined;
  const outcome = (v: Variant) =>
    (v.passes ?? []).map(
      (p) =>
        html`<div><code>${p.use}</code> ${p.changed.length ? `on ${p.changed.join(", ")}` : "changed nothing"}${p.refused.map(
          (r) => html`<br><span class="note">left ${r.table} as it was: ${r.reason}</span>`,
        )}</div>`,
    );
  const steps = (v: Variant) =>
    (v.steps ?? []).map(
      ({ passes, bytes, gate }, s) =>
        html`<div>step ${s + 1}: <code>${passes.join(", ")}</code>, ${formatBytes(bytes)}: ${gate.verdict === "pass" ? "kept" : "taken back"}<br><span class="note">${gate.words}</span></div>`,
    );
  const rows = variants.map((v) =>
    row(v.name, [
      html`<td>${v.method}</td><td>${v.of ?? "–"}</td><td>${v.passes?.length || v.steps?.length ? [...outcome(v), ...steps(v)] : "–"}</td><td><code>${v.artifact}</code></td>`,
    ]),
  );
  const heads = ["Name", "Method", "Made from", "Compression", "Artifact"];
  const all = foldedTable({ caption: "Methods, passes and what they refused", kind: "words", heads, rows });
  return { id: "made", title: "How each was made", body: all };
}

/** What the data is, and what cleaning dropped and why. */
export function data(results: Results): Section {
  const { dataset, split } = results;
  const unused = unusedOf(results);
  const [first, last] = [dataset.dropped[0], dataset.dropped.at(-1)];
  const before = first ? first.dropped + first.left : 0;
  const rows = dataset.dropped.map(
    (d) =>
      html`<tr><th scope="row">${d.step}</th><td>${d.why}</td><td class="number">${formatCount(d.dropped)}</td><td class="number">${formatCount(d.left)}<span class="bar" aria-hidden="true"><span style="width:${((100 * d.left) / (before || 1)).toFixed(1)}%"></span></span></td></tr>\n`,
  );
  const cleaning = last
    ? html`<p>Of ${formatCount(before)} logged events cleaning kept ${formatCount(last.left)} (${formatShare(last.left / (before || 1))}).</p>
${foldedTable({ caption: "What each step of cleaning dropped", kind: "words", heads: ["Step", "Why", "Dropped", "Left"], rows })}`
    : html`<p>Cleaning dropped nothing.</p>`;
  const { train, validation, test } = split;
  const evaluated = evaluatedLines(results);
  const body = html`<p><strong>${dataset.name}</strong>: ${formatCount(dataset.users)} users, ${formatCount(dataset.items)} items, ${formatCount(dataset.interactions)} interactions, split <code>${split.use}</code> into ${formatCount(train)} for training, ${formatCount(validation)} for validation and ${formatCount(test)} for the test.${unused > 0 ? ` The other ${formatCount(unused)} are in no part: ${unusedWhy}.` : ""}</p>
${cleaning}
${evaluated.length > 0 ? html`<p>${evaluated.join(" ")}</p>` : nothing}`;
  return { id: "data", title: "The data", body };
}

/** What repeats a run, and where it was timed. */
export interface Reproduction extends Pick<Results, "recipe" | "seed" | "machine" | "reproduce"> {
  /** Fingerprint of the data. */
  readonly data: string;
  /** Hash of the split, where that is not part of the data. */
  readonly split?: string;
}

/** The command, the seed and the fingerprints that repeat the run, and the machine that made the timings. */
export function reproduce({ recipe, seed, data, split, machine, reproduce }: Reproduction): Section {
  const facts: [string, Html][] = [
    ["Recipe", html`${recipe}`],
    ["Seed", html`${seed}`],
    ["Data", html`<code>${data}</code>`],
    ...(split === undefined ? [] : [["Split", html`<code>${split}</code>`] as [string, Html]]),
    [
      "Machine",
      html`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, load ${machine.load.toFixed(1)} when the run began`,
    ],
  ];
  const body = html`<p>The same command on the same data gives the same artifacts, byte for byte. Latency belongs to the machine named here.</p>
<pre>${reproduce}</pre>
<dl class="facts">${facts.map(([term, value]) => html`<dt>${term}</dt><dd>${value}</dd>`)}</dl>`;
  return { id: "reproduce", title: "How to reproduce", body };
}
