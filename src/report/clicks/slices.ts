// What networks reach on parts of the rows: slices in rows, networks in columns, one table a metric.

import { formatCount } from "../../base/format.ts";
import { formatShare, Z95 } from "../figures.ts";
import { html, nothing } from "../html.ts";
import { isBest, showMeasure } from "../numbers.ts";
import { bestCell, cell, chunks, foldedTable, isShort, row, type Section, type Table } from "../parts.ts";
import { clickMeasure, clickMetricLabel, clickMetricsOf } from "./measures.ts";
import type { ClickResults, NetworkResult, SliceResult } from "./results.ts";

const mostNetworks = 8;

/** Nothing where no rows were measured apart. */
export function slices(results: ClickResults): Section | undefined {
  const { networks } = results;
  const all = new Map(networks.flatMap((network) => network.slices.map((slice) => [slice.name, slice] as const)));
  if (all.size === 0) return undefined;
  const sliced = clickMetricsOf(results).filter((metric) => [...all.values()].some((slice) => metric in slice.metrics));
  const runs = chunks(networks, mostNetworks);
  const left = Object.assign({}, ...networks.map(({ slicesLeftOut }) => slicesLeftOut)) as Record<string, number>;
  const tables = (metric: string, open: boolean) =>
    runs.map((run, r) => {
      const part = runs.length > 1 ? ` (${r + 1} of ${runs.length})` : "";
      return foldedTable(bySlice(metric, [...all.values()], run, part), open);
    });
  const body = html`<p class="note">An average can hide whom it fails, so parts of the rows are measured by themselves. Rows say how much each figure rests on; ± is a 95\u00a0% interval.</p>
${sliced.flatMap((metric, at) => tables(metric, at === 0 && isShort([...all.values()])))}
${Object.keys(left).length > 0 ? html`<p class="note">Left out: ${counts(left)}.</p>` : nothing}`;
  return { id: "slices", title: "Parts of the rows", body };
}

/** "3 users with one class, 2 slices of weather that are too small". */
export const counts = (left: Readonly<Record<string, number>>): string =>
  Object.entries(left)
    .map(([what, n]) => `${formatCount(n)} ${what}`)
    .join(", ");

function bySlice(metric: string, all: readonly SliceResult[], networks: readonly NetworkResult[], part: string): Table {
  return {
    ...{ caption: `${clickMetricLabel(metric)} by slice${part}`, kind: "numbers" },
    heads: ["Slice", "Rows", "Clicked", ...networks.map(({ name }) => name)],
    rows: all.map(({ name, rows, clicks }) => {
      const measure = clickMeasure(metric, "", name, (network) => network.slices.find((slice) => slice.name === name));
      return row(name, [
        ...[cell(formatCount(rows)), cell(formatShare(clicks / rows))],
        ...networks.map((network, at) => {
          const error = measure.error(network);
          const spread = Number.isFinite(error) ? `± ${measure.show(Z95 * error)}` : undefined;
          return (isBest(measure, networks, at) ? bestCell : cell)(showMeasure(measure, measure.of(network)), spread);
        }),
      ]);
    }),
  };
}
