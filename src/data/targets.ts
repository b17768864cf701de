// What is learnt from a row, and whose impression it is: label, group and time out of a raw table.

import { UserError } from "../base/errors.ts";
import type { Examples } from "./examples.ts";
import { asNumbers, asWords, columnOf, type RawTable } from "./raw-table.ts";

/** Which columns hold the targets. */
export interface TargetColumns {
  readonly label: string;
  /** A label of at least this is 1, a smaller one 0; without it labels are 0 and 1. */
  readonly threshold?: number | undefined;
  /** Metrics by user need it. */
  readonly group?: string | undefined;
  /** Unix seconds. */
  readonly time?: string | undefined;
}

/** Labels, and where there are such columns groups (numbered from 0; missing is -1) and times. */
export function targets(table: RawTable, columns: TargetColumns): Pick<Examples, "label" | "group" | "time"> {
  const { threshold } = columns;
  const where = `label "${columns.label}"`;
  const label = Float32Array.from(asNumbers(columnOf(table, columns.label, where), where), (x, r) => {
    if (Number.isNaN(x)) throw new UserError(`${where}: row ${r + 1} has none; every row needs one.`);
    if (threshold !== undefined) return x >= threshold ? 1 : 0;
    if (x === 0 || x === 1) return x;
    throw new UserError(
      `${where}: row ${r + 1}: must be 0 or 1, got ${x}; give a threshold if it is a rating or a count.`,
    );
  });
  const group = columns.group === undefined ? undefined : `group "${columns.group}"`;
  const time = columns.time === undefined ? undefined : `time "${columns.time}"`;
  return {
    label,
    ...(group && { group: asWords(columnOf(table, columns.group!, group), group).code }),
    ...(time && { time: asNumbers(columnOf(table, columns.time!, time), time) }),
  };
}
