// What a gate tests, from per-user values of a metric (NaN where a user has none): users without a value count nowhere.

import { bug } from "../../base/errors.ts";
import type { Tested } from "./decide.ts";

/**
 * The drop of `own` below `reference`, user by user; relative to the reference's mean where that is asked. For a metric of
 * which less is better the rise. Both hold values of the same users in the same order.
 */
export function dropOf(
  reference: Float64Array,
  own: Float64Array,
  { better, relative, limit }: { readonly better: "high" | "low"; readonly relative: boolean; readonly limit: number },
): Tested {
  if (reference.length !== own.length) bug(`${reference.length} users are paired with ${own.length}`);
  const both = Array.from(reference.keys()).filter((u) => !Number.isNaN(reference[u]!) && !Number.isNaN(own[u]!));
  const sign = better === "high" ? 1 : -1;
  const above = Float64Array.from(both, (u) => sign * (reference[u]! - own[u]!));
  const given = Float64Array.from(both, (u) => reference[u]!);
  // One can lose what the reference gives at most; of a metric of which less is better what anybody has.
  const largest = better === "high" ? extreme(given) : Math.max(extreme(given), extreme(own));
  return {
    ...{ above, below: relative ? given : given.map(() => 1), limit },
    rare: rareOf(above, 0, largest),
  };
}

/** The mean against a limit; `best` is the value of a user for whom nothing is lost, where there is such a value. */
export function meanOf(
  values: Float64Array,
  {
    side,
    limit,
    range,
  }: { readonly side: "most" | "least"; readonly limit: number; readonly range?: Range | undefined },
): Tested {
  const sign = side === "most" ? 1 : -1;
  const above = values.filter((x) => !Number.isNaN(x)).map((x) => sign * x);
  const tested = { above, below: above.map(() => 1), limit: sign * limit };
  if (!range) return tested;
  return { ...tested, rare: rareOf(above, sign * range.best, Math.abs(range.worst - range.best)) };
}

/** Units above `none` lose; of the others the mean. */
function rareOf(above: Float64Array, none: number, largest: number): NonNullable<Tested["rare"]> {
  const others = above.filter((x) => x <= none);
  const mean = others.reduce((sum, x) => sum + x, 0) / Math.max(1, others.length);
  return { units: above.length - others.length, largest, others: mean };
}

/** The best and the worst that a user's value can be. */
export interface Range {
  readonly best: number;
  readonly worst: number;
}

const extreme = (values: Float64Array): number =>
  values.reduce((most, x) => Math.max(most, Number.isNaN(x) ? 0 : Math.abs(x)), 0);
