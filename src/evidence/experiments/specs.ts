// Measures as people write them: "clicks" (the mean over users of each user's sum), "clicks/impressions" (a ratio of
// sums), "minutes~minutes_before" (the mean, less what the same users' figures from before explain).

import { UserError } from "../../base/errors.ts";
import type { Measure } from "./measure.ts";
import { means, sums, type Units } from "./units.ts";

export interface MeasureSpec {
  readonly name: string;
  readonly value: string;
  readonly beneath?: string;
  readonly before?: string;
}

/** Reads one measure as it is written. */
export function parseMeasure(text: string): MeasureSpec {
  const [, value, sign, other] = /^([^/~]+)(?:([/~])([^/~]+))?$/.exec(text) ?? [];
  if (!value) throw new UserError(`measure "${text}": write clicks, clicks/impressions or minutes~minutes_before.`);
  return { name: text, value, ...(sign === "/" && { beneath: other! }), ...(sign === "~" && { before: other! }) };
}

/** The columns that a row must have filled for these measures; a figure from before may be missing. */
export const columnsOf = (specs: readonly MeasureSpec[]): { needed: string[]; all: string[] } => {
  const needed = specs.flatMap(({ value, beneath }) => (beneath === undefined ? [value] : [value, beneath]));
  return { needed: [...new Set(needed)], all: [...new Set([...needed, ...specs.flatMap((s) => s.before ?? [])])] };
};

/** The measures of the units; a ratio's lower column must not be negative. */
export function measuresOf(units: Units, specs: readonly MeasureSpec[], where: string): Measure[] {
  return specs.map(({ name, value, beneath, before }) => {
    const under = beneath === undefined ? undefined : sums(units, beneath);
    if (under?.some((x) => x < 0))
      throw new UserError(`${where}: ${beneath} is negative; ${name} has no meaning then.`);
    const past = before === undefined ? undefined : means(units, before);
    if (past?.every((x) => Number.isNaN(x)))
      throw new UserError(`${where}: ${before} is empty for every user; write ${value} alone.`);
    return { name, value: sums(units, value), ...(under && { beneath: under }), ...(past && { before: past }) };
  });
}
