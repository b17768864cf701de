// How near each variant's lists are to the teacher's, for all users and by slice, and whom it hurts most.

import { formatCount } from "../base/format.ts";
import { fidelityMeasures } from "../evidence/fidelity/fidelity.ts";
import type { Fidelity } from "./evidence-results.ts";
import { formatShare, Z95 } from "./figures.ts";
import { html, nothing } from "./html.ts";
import { mainMetric, metricLabel } from "./measures.ts";
import { badness, type Measure, numberTable } from "./numbers.ts";
import { cell, chunks, fold, foldedTable, rest, row, type Section, shortOrFolded, type Table, table } from "./parts.ts";
import type { Results, Variant } from "./results.ts";

const mostColumns = 8;

type Compared = Variant & { readonly fidelity: Fidelity };

/** Nothing where nobody was compared. */
export function fidelity(results: Results, pick: Variant | undefined): Section | undefined {
  const compared = results.variants.filter((v): v is Compared => v.fidelity !== undefined);
  if (compared.length === 0) return undefined;
  const shown = compared.find((v) => v === pick) ?? compared[0]!;
  const others = compared.filter((v) => v !== shown);
  const main = metricLabel(mainMetric(results));
  const cut = (name: string) => Number(name.split("@")[1] ?? 0);
  const names = [...new Set(compared.flatMap((v) => Object.keys(v.fidelity.metrics)))].sort((a, b) => cut(a) - cut(b));
  const tables = chunks(names, mostColumns).map((run, r, { length }) => {
    const caption = `Fidelity to ${shown.fidelity.against}${length > 1 ? ` (${r + 1} of ${length})` : ""}`;
    return shortOrFolded(numberTable(caption, run.map(measureOf), compared, (v) => v.role));
  });
  const body = html`<p class="note">${sentence(shown)}Overlap is the share of the teacher's first k that is kept; RBO (rank-biased overlap) and Kendall's τ ask for the order, too; drift is how far the scores of the teacher's best moved, against how high they stood. An average can hide people, so the users hurt most are listed.</p>
${tables}
${shown.fidelity.slices.length > 0 ? foldedTable(bySlice(shown, names)) : nothing}
${shown.fidelity.hurt.length > 0 ? foldedTable(hurt(shown, main)) : nothing}
${others.length > 0 ? rest("Slices and users hurt most, of the others", html`${others.map((v) => fold(v.name, html`${v.fidelity.slices.length > 0 ? table(bySlice(v, names)) : nothing}${v.fidelity.hurt.length > 0 ? table(hurt(v, main)) : nothing}`))}`) : nothing}`;
  return { id: "fidelity", title: "How near it is to the teacher", body };
}

const isShare = (metric: string) => metric.startsWith("overlap");
const show = (metric: string, value: number) => (isShare(metric) ? formatShare(value) : value.toFixed(4));

const measureOf = (metric: string): Measure<Compared> => ({
  ...{ group: "Fidelity", label: fidelityLabel(metric), show: (x) => show(metric, x) },
  badness: badness[fidelityMeasures[metric.split("@")[0]!] ?? "high"],
  of: (v) => v.fidelity.metrics[metric] ?? Number.NaN,
  error: (v) => v.fidelity.standardError[metric] ?? Number.NaN,
});

/** "kendall@20" → "Kendall τ@20". */
export const fidelityLabel = (metric: string): string => metricLabel(metric).replace(/^Kendall/, "Kendall τ");

/** "Of the teacher's first 10, student-int4 shows 8.1 on average." for the first overlap that there is. */
function sentence({ name, fidelity: { metrics, against } }: Compared): string {
  const overlap = Object.keys(metrics).find((metric) => /^overlap@\d+$/.test(metric));
  const k = Number(overlap?.split("@")[1]);
  const share = overlap === undefined ? Number.NaN : metrics[overlap]!;
  return Number.isFinite(share)
    ? `Of the first ${k} that ${against} shows, ${name} shows ${(k * share).toFixed(1)} on average. `
    : "";
}

function bySlice({ name, fidelity: { slices } }: Compared, metrics: readonly string[]): Table {
  return {
    ...{ caption: `Fidelity of ${name} by slice`, kind: "numbers" },
    heads: ["Slice", "Users", ...metrics.map(fidelityLabel)],
    rows: slices.map((slice) =>
      row(slice.name, [
        cell(formatCount(slice.users)),
        ...metrics.map((metric) => {
          const [value, error] = [slice.metrics[metric] ?? Number.NaN, slice.standardError[metric] ?? Number.NaN];
          const spread = Number.isFinite(error) ? `± ${show(metric, Z95 * error)}` : undefined;
          return cell(Number.isFinite(value) ? show(metric, value) : "–", spread);
        }),
      ]),
    ),
  };
}

function hurt({ name, fidelity: { hurt: users } }: Compared, main: string): Table {
  return {
    ...{ caption: `The users that ${name} hurts most`, kind: "numbers" },
    heads: ["User", `${main} lost`, "Of the teacher's list left"],
    rows: users.map(({ user, lost, overlap }) => row(user, [cell(lost.toFixed(4)), cell(formatShare(overlap))])),
  };
}
