// What the gates say: the pick's findings in whole sentences, then every verdict in one table. A verdict is a word and a
// sign of its own shape; colour only repeats it.

import type { GateOutcome, Verdict } from "./evidence-results.ts";
import { counted, glued } from "./figures.ts";
import { passes, tally } from "./headline.ts";
import { type Html, html, nothing } from "./html.ts";
import { chunks, named, rest, row, type Section, shortOrFolded } from "./parts.ts";

/** Whoever may have been judged: a variant or a network. */
export interface Judged {
  readonly name: string;
  readonly gates?: readonly GateOutcome[];
}

const signs: Record<Verdict, string> = { pass: "✓", fail: "✕", undecided: "?" };
const mostGates = 6;

/** A verdict as people see, hear and print it. */
export const verdict = (of: Verdict): Html =>
  html`<span class="verdict ${of}"><span aria-hidden="true">${signs[of]}</span> ${of}</span>`;

/** Nothing where nobody was judged. */
export function verdicts(all: readonly Judged[], pick: Judged | undefined): Section | undefined {
  const judged = all.flatMap(({ name, gates }) => (gates && gates.length > 0 ? [{ name, gates }] : []));
  if (judged.length === 0) return undefined;
  const gates = [...new Set(judged.flatMap((one) => one.gates.map(({ gate }) => gate)))];
  const shown = judged.find(({ name }) => name === pick?.name);
  const others = judged.filter((one) => one !== shown);
  const passing = judged.filter((one) => passes(one.gates)).length;
  const open = judged.filter((one) => one.gates.some((gate) => gate.verdict === "undecided")).length;
  const runs = chunks(gates, mostGates);
  const body = html`<p class="note">${sum(judged.length, passing)}${open > 0 ? " An undecided gate is neither: the test had too few users to tell." : ""}</p>
${shown ? html`<h3>${shown.name}: ${tally(shown.gates)}</h3>\n${findings(shown.gates)}` : nothing}
${runs.map((run, r) => matrix(judged, run, runs.length > 1 ? ` (${r + 1} of ${runs.length})` : ""))}
${others.length > 0 ? rest(`The findings of the other ${counted(others.length, "model")}, in words`, html`${others.map((one) => html`<h3>${one.name}</h3>\n${findings(one.gates)}`)}`) : nothing}`;
  return { id: "verdicts", title: "What the gates say", body };
}

const sum = (judged: number, passing: number): string =>
  judged === 1
    ? `The one that was judged ${passing ? "passes" : "does not pass"} every gate.`
    : `${passing === 0 ? "None" : passing} of ${judged} ${passing < 2 ? "passes" : "pass"} every gate.`;

const findings = (gates: readonly GateOutcome[]): Html =>
  html`<ul class="findings">${gates.map(
    (one) =>
      html`<li>${verdict(one.verdict)}<div><strong>${glued(one.gate)}</strong><br>${glued(one.words)}</div></li>\n`,
  )}</ul>`;

const matrix = (
  judged: readonly { name: string; gates: readonly GateOutcome[] }[],
  gates: readonly string[],
  part: string,
): Html =>
  shortOrFolded({
    ...{ caption: `Every verdict${part}`, kind: "words", heads: ["Name", ...gates] },
    rows: judged.map(({ name, gates: own }) =>
      row(
        passes(own) ? named(name, "passes all") : name,
        gates.map((gate) => {
          const found = own.find((one) => one.gate === gate);
          return html`<td>${found ? verdict(found.verdict) : "–"}</td>`;
        }),
      ),
    ),
  });

/** "pass", "1 fail, 1 undecided": the gates of one in a column. */
export function verdictCell(gates: readonly GateOutcome[] | undefined): string {
  if (!gates || gates.length === 0) return "–";
  const parts = (["fail", "undecided"] as const).flatMap((of) => {
    const n = gates.filter((gate) => gate.verdict === of).length;
    return n > 0 ? [`${n} ${of}`] : [];
  });
  return parts.join(", ") || "pass";
}
