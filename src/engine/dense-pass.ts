// What passes over dense numbers share: which tables they touch, what they refuse, and that they reach into a sparse
// table's kept numbers, or the rows that others share.

import { z } from "zod";
import { formatBytes } from "../base/format.ts";
import type { Encoded } from "../kinds/pass.ts";
import { type TableName, tableNames } from "../recommender/recommender.ts";
import { nesting } from "../tables/encoding.ts";
import { type Table, tableBytes } from "../tables/table.ts";

/** The option `tables`: the tables to encode. */
export const tablesOption = (usual: readonly TableName[] = tableNames) =>
  z
    .array(z.enum(tableNames))
    .min(1)
    .default([...usual])
    .describe("The tables to encode; others stay as they are.");

/** The tables with a row for each user or item: those where a row's few bytes of scale are worth it. */
export const matrices: readonly TableName[] = ["user", "history", "item"];

/** Encodes the float32 numbers of a table, or of the values within; refuses what is not float32 or would grow. */
export async function encodeDense(
  table: Table,
  encode: (dense: Table, data: Float32Array) => Encoded | Promise<Encoded>,
): Promise<Encoded> {
  const inner = nesting.has(table.encoding) ? table.values : table;
  if (inner?.encoding !== "f32") return { refused: `its numbers are already ${inner?.encoding}` };
  const data = inner.tensors["data"] as Float32Array;
  if (!allFinite(data)) return { refused: "it holds numbers that are not finite" };
  const encoded = await encode(inner, data);
  if ("refused" in encoded) return encoded;
  const [before, after] = [tableBytes(inner), tableBytes(encoded)];
  if (after >= before) return { refused: `it would not shrink: ${formatBytes(before)} to ${formatBytes(after)}` };
  return inner === table ? encoded : { ...table, values: encoded };
}

/** Whether no number is infinite or not a number: any that is makes the sum of 0 · x one. */
export function allFinite(data: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * 0;
  return sum === 0;
}

/** The least and the largest number. */
export function rangeOf(data: Float32Array): readonly [min: number, max: number] {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    const x = data[i]!;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  return data.length ? [min, max] : [0, 0];
}
