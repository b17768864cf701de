// Before and after: what the main metric lost or won overall and in every slice, drawn for the pick, and every metric of
// every variant against the teacher.

import { formatCount } from "../base/format.ts";
import { type Difference, differenceOf, wordOf } from "./differences.ts";
import { formatChange, formatDifference, formatInterval, glued } from "./figures.ts";
import { type Bar, forest } from "./forest.ts";
import { headlineOf } from "./headline.ts";
import { type Html, html, nothing } from "./html.ts";
import {
  betterOf,
  mainLabel,
  mainMetric,
  metricLabel,
  metricsOf,
  showMetric,
  sliceMeasures,
  slicesOf,
} from "./measures.ts";
import { numberTable } from "./numbers.ts";
import { cell, chunks, fold, rest, row, type Section, shortOrFolded, type Table, table } from "./parts.ts";
import type { Results, Variant } from "./results.ts";

const mostSlices = 9;

/** Nothing without a teacher and something made from it. */
export function changes(results: Results): Section | undefined {
  const { teacher, pick } = headlineOf(results);
  if (!teacher || !pick) return undefined;
  const metric = mainMetric(results);
  const label = mainLabel(results);
  const others = results.variants.filter((v) => v !== teacher && v !== pick);
  const slices = slicesOf([teacher, pick]);
  const bars = barsOf(metric, teacher, pick);
  const every = (v: Variant) => everyMetric(results, teacher, v);
  const body = html`<p class="note">${glued(sentence(metric, teacher, pick))} Intervals are of the difference user by user and hold 19 times in 20.</p>
${bars.length > 1 ? forest({ id: "changes-chart", label: `${label} of ${pick.name} against ${teacher.name}`, bars }) : nothing}
${slices.length > 0 ? shortOrFolded(bySlice(metric, teacher, pick)) : nothing}
${slices.length > 0 && others.length > 0 ? rest(`${label} of every variant, by slice`, sliceTables(results, metric)) : nothing}
${fold(`Every metric of ${pick.name}, before and after`, every(pick))}
${others.length > 0 ? rest("Every metric of the others, before and after", html`${others.map((v) => fold(v.name, every(v)))}`) : nothing}`;
  return { id: "changes", title: "Before and after", body };
}

function sentence(metric: string, teacher: Variant, pick: Variant): string {
  const all = differenceOf(metric, teacher, pick);
  if (!all) return "";
  const worst = slicesOf([teacher, pick])
    .flatMap(({ name }) => {
      const found = sliceDifference(metric, name, teacher, pick);
      return found && Number.isFinite(found.share) ? [{ name, ...found }] : [];
    })
    .sort((a, b) => (betterOf(metric) === "high" ? a.share - b.share : b.share - a.share))[0];
  const least = worst
    ? ` The slice that fares worst is ${worst.name}: ${formatChange(worst.share)}${within(worst)}.`
    : "";
  return `From ${teacher.name} to ${pick.name}, ${metricLabel(metric)} goes from ${showMetric(metric, all.before)} to ${showMetric(metric, all.after)}: ${formatChange(all.share)}${within(all)}.${least}`;
}

const within = ({ shares }: Difference) => (shares ? ` (${formatInterval(shares, formatChange)})` : "");

const sliceOf = (v: Variant, name: string) => v.slices.find((slice) => slice.name === name);
const sliceDifference = (metric: string, name: string, teacher: Variant, pick: Variant) =>
  differenceOf(metric, sliceOf(teacher, name), sliceOf(pick, name));

function barsOf(metric: string, teacher: Variant, pick: Variant): Bar[] {
  const better = betterOf(metric);
  const bar = (name: string, found: Difference | undefined): Bar[] =>
    found && Number.isFinite(found.share)
      ? [
          {
            name,
            share: found.share,
            interval: found.shares ?? [found.share, found.share],
            word: wordOf(found, better),
          },
        ]
      : [];
  return [
    ...bar("all users", differenceOf(metric, teacher, pick)),
    ...slicesOf([teacher, pick]).flatMap(({ name }) => bar(name, sliceDifference(metric, name, teacher, pick))),
  ];
}

function bySlice(metric: string, teacher: Variant, pick: Variant): Table {
  const caption = `${metricLabel(metric)} by slice, ${teacher.name} against ${pick.name}`;
  return {
    ...{ caption, kind: "numbers", heads: ["Slice", "Users that count", teacher.name, pick.name, ...differenceHeads] },
    rows: slicesOf([teacher, pick]).map(({ name, of, users }) => {
      const found = sliceDifference(metric, name, teacher, pick);
      return row(html`${name} <small>${of}</small>`, [cell(formatCount(users)), ...differenceCells(metric, found)]);
    }),
  };
}

const sliceTables = (results: Results, metric: string): Html =>
  html`${chunks(sliceMeasures(results, metric), mostSlices).map((run, r, { length }) =>
    table(
      numberTable(
        `${metricLabel(metric)} by slice${length > 1 ? ` (${r + 1} of ${length})` : ""}`,
        ...([run, results.variants, (v: Variant) => v.role] as const),
      ),
    ),
  )}`;

function everyMetric(results: Results, teacher: Variant, v: Variant): Html {
  const rows = metricsOf(results).flatMap((metric) => {
    const found = differenceOf(metric, teacher, v);
    return found ? [row(metricLabel(metric), differenceCells(metric, found))] : [];
  });
  const caption = `Every metric, ${teacher.name} against ${v.name}`;
  return table({ caption, kind: "numbers", heads: ["Metric", teacher.name, v.name, ...differenceHeads], rows });
}

const differenceHeads = ["Difference", "95 % interval", "Of the teacher's", "In a word"];

function differenceCells(metric: string, found: Difference | undefined): Html[] {
  if (!found) return Array.from({ length: 6 }, () => cell("–"));
  const word = wordOf(found, betterOf(metric));
  return [
    cell(showMetric(metric, found.before)),
    cell(showMetric(metric, found.after)),
    cell(formatDifference(found.difference)),
    cell(formatInterval(found.interval, formatDifference)),
    cell(formatChange(found.share)),
    cell(found.interval ? words[word] : "–"),
  ];
}

const words = { better: "better", worse: "worse", either: "could be either" };
