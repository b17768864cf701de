// How the logits of a model that is off become logits that are right: a rising map, so that no two rows change places.

export type LogitMap = Straight | Bent;

/** z → slope · z + offset, slope above 0. */
export interface Straight {
  readonly method: "platt";
  readonly slope: number;
  readonly offset: number;
}

/** Straight between knots (from[k], to[k]), both rising; beyond the outer ones as between the two nearest. */
export interface Bent {
  readonly method: "piecewise-linear";
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The map as a sum over segments: of each the part of z in it, from where it adds nothing, and its slope, above 0. */
export interface Segment {
  readonly low: number;
  readonly high: number;
  readonly zero: number;
  readonly slope: number;
}

/**
 * z → base + Σ slope · (min(max(z, low), high) - zero).
 *
 * Every term rises with z, and sums and products of floats do not change order, so neither does the map, however it is
 * rounded; a sum of ReLUs with slopes of both signs has no such promise. `zero` is the bound next to the knot whose value
 * is nearest to nought, so that far segments add nothing and small logits keep their digits.
 */
export function segmentsOf({ from, to }: Bent): { readonly base: number; readonly segments: readonly Segment[] } {
  const middle = to.reduce((best, y, k) => (Math.abs(y) < Math.abs(to[best]!) ? k : best), 0);
  const last = from.length - 2;
  const segments = Array.from({ length: last + 1 }, (_, k) => ({
    low: k === 0 ? -Number.MAX_VALUE : from[k]!,
    high: k === last ? Number.MAX_VALUE : from[k + 1]!,
    zero: k < middle ? from[k + 1]! : from[k]!,
    slope: (to[k + 1]! - to[k]!) / (from[k + 1]! - from[k]!),
  }));
  return { base: to[middle]!, segments };
}

/** The map's value. */
export function mapLogit(map: LogitMap): (z: number) => number {
  if (map.method === "platt") return (z) => map.slope * z + map.offset;
  const { base, segments } = segmentsOf(map);
  return (z) =>
    segments.reduce((sum, { low, high, zero, slope }) => sum + slope * (Math.min(Math.max(z, low), high) - zero), base);
}
