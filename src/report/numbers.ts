// Tables of numbers: whoever was measured in rows, measures in columns, the best of each column marked. The same for
// recommenders and networks.

import { Z95 } from "./figures.ts";
import { type Html, html } from "./html.ts";
import { bestCell, cell, chunks, fold, foldedTable, isShort, named, row, type Table, table } from "./parts.ts";

export interface Measured {
  readonly name: string;
}

export interface Measure<T> {
  readonly group: string;
  readonly label: string;
  /** How far a value is from the best there could be: low is good. */
  badness(value: number): number;
  /** NaN where there is no such number. */
  of(one: T): number;
  show(value: number): string;
  /** Standard error; NaN where there is none. */
  error(one: T): number;
}

export const badness: Record<"high" | "low" | "one", (value: number) => number> = {
  high: (x) => -x,
  low: (x) => x,
  one: (x) => Math.abs(x - 1),
};

export const showMeasure = <T>(measure: Measure<T>, value: number): string =>
  Number.isFinite(value) ? measure.show(value) : "–";

/** Whether none reads better; where all read the same there is no best. */
export function isBest<T>(measure: Measure<T>, all: readonly T[], at: number): boolean {
  const values = all.map((one) => measure.of(one));
  const shown = values.map((value) => showMeasure(measure, value));
  if (!Number.isFinite(values[at]) || shown.every((text) => text === shown[at])) return false;
  const bad = values.map((value) => (Number.isFinite(value) ? measure.badness(value) : Number.POSITIVE_INFINITY));
  return shown[at] === shown[bad.indexOf(Math.min(...bad))];
}

const mostColumns = 9;
/** One fold a group of measures, the first open where it is short; `role` says what each is, in small letters. */
export function numberTables<T extends Measured>(
  measures: readonly Measure<T>[],
  all: readonly T[],
  role: (one: T) => string,
): Html {
  const groups = [...new Set(measures.map((measure) => measure.group))];
  return html`${groups.map((group, at) => {
    const own = measures.filter((measure) => measure.group === group);
    const runs = chunks(own, mostColumns);
    const open = at === 0 && isShort(all);
    if (runs.length === 1) return foldedTable(numberTable(group, own, all, role), open);
    const tables = runs.map((run, r) => table(numberTable(`${group} (${r + 1} of ${runs.length})`, run, all, role)));
    return fold(group, html`${tables}`, open);
  })}`;
}

/** One such table, to be drawn. */
export function numberTable<T extends Measured>(
  caption: string,
  measures: readonly Measure<T>[],
  all: readonly T[],
  role: (one: T) => string,
): Table {
  const cellOf = (measure: Measure<T>, one: T, at: number) => {
    const error = measure.error(one);
    const spread = Number.isFinite(error) ? `± ${measure.show(Z95 * error)}` : undefined;
    const make = isBest(measure, all, at) ? bestCell : cell;
    return make(showMeasure(measure, measure.of(one)), spread);
  };
  return {
    ...{ caption, kind: "numbers", heads: ["Name", ...measures.map(({ label }) => label)] },
    rows: all.map((one, at) =>
      row(
        named(one.name, role(one)),
        measures.map((measure) => cellOf(measure, one, at)),
      ),
    ),
  };
}
