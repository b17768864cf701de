// The values that a categorical column knows by name, and the rows they get.

import { z } from "zod";
import { murmur3 } from "../../base/murmur3.ts";

export const minCount = z
  .number()
  .int()
  .min(1)
  .max(1e9)
  .default(1)
  .describe("Values seen less often in train share the unknown value's row.");

/** A list of distinct values, as it ships. */
export const words = z
  .array(z.string())
  .max(1e8)
  .refine((list) => new Set(list).size === list.length, { error: "must not name a value twice" });

/** The values seen `least` times or more: the most frequent first, of equal ones the smaller by code units. */
export function frequent(values: readonly string[], code: Int32Array, least: number, most = Infinity): string[] {
  const count = new Uint32Array(values.length);
  for (const c of code) if (c >= 0) count[c]!++;
  const kept = Array.from(values.keys()).filter((c) => count[c]! >= least && count[c]! > 0);
  kept.sort((a, b) => count[b]! - count[a]! || (values[a]! < values[b]! ? -1 : 1));
  return kept.slice(0, most).map((c) => values[c]!);
}

/** Rows of a column by vocabulary: 0 is missing, 1 unknown, value v of the list has row v + 2. */
export function vocabularyRows(list: readonly string[]): { rows: number; rowOf(value: string): number } {
  const at = new Map(list.map((value, v) => [value, v + 2]));
  return { rows: list.length + 2, rowOf: (value) => at.get(value) ?? 1 };
}

/** Rows of a column by hash: 0 is missing, a value has row 1 + murmur3(value, seed) mod buckets. */
export function hashRows(buckets: number, seed: number): { rows: number; rowOf(value: string): number } {
  return { rows: buckets + 1, rowOf: (value) => 1 + (murmur3(value, seed) % buckets) };
}
