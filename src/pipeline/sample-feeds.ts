// Made-up rows for a foreign graph: numbers that its tables have rows for. They prove that it runs, nothing more.

import type { Rng } from "../base/rng.ts";
import type { RunTensor } from "../graph/runtime.ts";
import { elements } from "../graph/tensor.ts";
import type { Inspection } from "../recommender/foreign/inspect.ts";

/** A free dimension after the batch, such as a sequence's length. */
const freeSize = 7;

/** Feeds of `rows` rows; the first dimension of every input is the batch. */
export function sampleFeeds(inspection: Inspection, rows: number, rng: Rng): Record<string, RunTensor> {
  return Object.fromEntries(
    inspection.inputs.map(({ name, dtype, shape, role }) => {
      const dims = shape.map((d, i) =>
        i === 0 && typeof d === "string" ? rows : typeof d === "string" ? freeSize : d,
      );
      const width = elements(dims.slice(1));
      const most = Array.from({ length: width }, (_, column) => rowsFor(inspection, name, column));
      const value = (i: number): number => {
        if (role === "mask") return 1;
        if (role === "length") return 1 + rng.below(freeSize);
        return role === "numeric" ? rng.normal() : rng.below(most[i % width] ?? 1);
      };
      return [
        name,
        tensorOf(
          dtype,
          dims,
          Array.from({ length: elements(dims) }, (_, i) => value(i)),
        ),
      ];
    }),
  );
}

/** Rows of the smallest table that the column picks from; 1 where a sum or a computation comes first. */
function rowsFor({ tables }: Inspection, input: string, column: number): number {
  const sizes = tables.flatMap(({ rows, pickers }) =>
    pickers
      .filter((p) => p.input === input && (p.column === undefined || p.column === column))
      .map((p) => (p.offset || p.computed ? 1 : rows)),
  );
  return sizes.length > 0 ? Math.min(...sizes) : 1;
}

/** Values in the array type of a dtype. */
export function tensorOf(dtype: string, dims: readonly number[], values: readonly number[]): RunTensor {
  if (dtype === "int64") return { dtype, dims, data: BigInt64Array.from(values, BigInt) };
  if (dtype === "int32") return { dtype, dims, data: Int32Array.from(values) };
  if (dtype === "float64") return { dtype, dims, data: Float64Array.from(values) };
  if (dtype === "bool") return { dtype, dims, data: Uint8Array.from(values, (v) => (v === 0 ? 0 : 1)) };
  return { dtype: "float32", dims, data: Float32Array.from(values) };
}
