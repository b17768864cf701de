// A number as a category: which of the intervals between edges it lies in. Row 0 is missing, row 1 + e holds x where e
// edges are ≤ x.

import { z } from "zod";
import { asNumbers } from "../raw-table.ts";
import { defineColumn, source } from "./kind.ts";

const rising = (edges: readonly number[]) => edges.every((edge, e) => e === 0 || edges[e - 1]! < edge);
const edges = z.array(z.number()).max(1e6).refine(rising, { error: "must rise" });
const shared = { kind: z.literal("buckets"), ...source };

export const bucketed = defineColumn({
  summary: "A number as a category: the interval it lies in.",
  options: z.strictObject({
    ...shared,
    count: z.number().int().min(2).max(1e5).default(10).describe("How many intervals of equal mass in train."),
    edges: edges.min(1).optional().describe("The edges instead of quantiles, rising."),
  }),
  fitted: z.strictObject({ ...shared, edges }),
  fit(raw, { count, edges: given, ...rest }, where) {
    return { ...rest, edges: given ?? quantiles(asNumbers(raw, where), count) };
  },
  encoder(fitted, where) {
    const bounds = Float64Array.from(fitted.edges);
    return {
      shape: "id",
      rows: bounds.length + 2,
      encode: (raw) => Int32Array.from(asNumbers(raw, where), (x) => (Number.isNaN(x) ? 0 : 1 + below(bounds, x))),
    };
  },
});

/** The distinct values that begin each of `count` parts of equal mass, the first part's aside. */
export function quantiles(values: Float64Array, count: number): number[] {
  const sorted = values.filter((x) => !Number.isNaN(x)).sort();
  const found: number[] = [];
  for (let part = 1; part < count && sorted.length > 0; part++) {
    const edge = sorted[Math.floor((part * sorted.length) / count)]!;
    if (edge > (found.at(-1) ?? sorted[0]!)) found.push(edge);
  }
  return found;
}

/** How many of the rising bounds are ≤ x. */
export function below(bounds: Float64Array, x: number): number {
  let [low, high] = [0, bounds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}
