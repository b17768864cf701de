// The wordings that everything about people shares.

import { formatCount } from "../../base/format.ts";
import type { Excluded } from "../../evidence/checked-rows.ts";
import type { Interval } from "../../stats/interval.ts";

/** "0.0041 to 0.0062". */
export const intervalText = ([low, high]: Interval, digits = 5): string =>
  `${low.toFixed(digits)} to ${high.toFixed(digits)}`;

/** " (left out: 12 with no reward)", or nothing. */
export function excludedText(excluded: readonly Excluded[]): string {
  if (excluded.length === 0) return "";
  return ` (left out: ${excluded.map(({ why, rows }) => `${formatCount(rows)} with ${why}`).join(", ")})`;
}
