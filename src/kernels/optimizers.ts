// SGD, Adagrad and Adam on the rows of a table that a batch touched. ids must not repeat; null means every row in order.
// G = g + decay·w (L2 in the gradient) in all three.

import { checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";
import { checkIds, rowCount } from "./rows.ts";

interface Step {
  readonly learningRate: number;
  readonly decay: number;
}

interface AdagradStep extends Step {
  readonly epsilon: number;
}

interface AdamStep extends AdagradStep {
  readonly beta1: number;
  readonly beta2: number;
  /** 1 for the first step. */
  readonly step: number;
}

/** Checks the arrays of a step; returns the address of the ids (0 for every row) and their number. */
function touched(
  k: Kernels,
  table: Float32Array,
  ids: Int32Array | null,
  grads: Float32Array,
  width: number,
  state: Readonly<Record<string, Float32Array>>,
): [ids: number, n: number] {
  const rows = rowCount("table", table, width);
  checkLength("table", table, table.length);
  if (ids) checkIds(k, "ids", ids, rows);
  const n = ids ? ids.length : rows;
  checkLength("grads", grads, n * width);
  for (const [name, array] of Object.entries(state)) checkLength(name, array, table.length);
  return [n === 0 || !ids ? 0 : ids.byteOffset, n];
}

/** w -= learningRate·G. */
export function sgdRows(
  k: Kernels,
  table: Float32Array,
  ids: Int32Array | null,
  grads: Float32Array,
  width: number,
  { learningRate, decay }: Step,
): void {
  const [at, n] = touched(k, table, ids, grads, width, {});
  k.exports["sgdRows"]!(table.byteOffset, at, grads.byteOffset, n, width, learningRate, decay);
}

/** Adagrad (Duchi et al., JMLR 2011): a += G²; w -= learningRate·G / (√a + epsilon). */
export function adagradRows(
  k: Kernels,
  table: Float32Array,
  accumulator: Float32Array,
  ids: Int32Array | null,
  grads: Float32Array,
  width: number,
  { learningRate, decay, epsilon }: AdagradStep,
): void {
  const [at, n] = touched(k, table, ids, grads, width, { accumulator });
  k.exports["adagradRows"]!(
    ...[table.byteOffset, accumulator.byteOffset, at, grads.byteOffset, n, width],
    ...[learningRate, decay, epsilon],
  );
}

/**
 * Adam (arXiv 1412.6980), bias-corrected and lazy: rows that were not touched keep m and v.
 * m = β₁m + (1-β₁)G; v = β₂v + (1-β₂)G²; w -= learningRate·m̂ / (√v̂ + epsilon), m̂ = m/(1-β₁^step), v̂ = v/(1-β₂^step).
 */
export function adamRows(
  k: Kernels,
  table: Float32Array,
  m: Float32Array,
  v: Float32Array,
  ids: Int32Array | null,
  grads: Float32Array,
  width: number,
  step: AdamStep,
): void {
  const [at, n] = touched(k, table, ids, grads, width, { m, v });
  const arrays = [table.byteOffset, m.byteOffset, v.byteOffset, at, grads.byteOffset, n, width];
  k.exports["adamRows"]!(...arrays, ...adamFactors(step));
}

/** adamRows on every row, over all threads: the same bits. */
export async function adamTable(
  k: Kernels,
  table: Float32Array,
  m: Float32Array,
  v: Float32Array,
  grads: Float32Array,
  width: number,
  step: AdamStep,
): Promise<void> {
  const [, n] = touched(k, table, null, grads, width, { m, v });
  const factors = adamFactors(step);
  const arrays = [table, m, v].map((array) => array.byteOffset);
  await k.parallel(
    "adamRows",
    ranges(n, n * width < 1 << 16 ? 1 : parts(k)).map(([start, end]) => {
      const skip = 4 * start * width;
      return [...arrays.map((at) => at + skip), 0, grads.byteOffset + skip, end - start, width, ...factors];
    }),
  );
}

function adamFactors({ learningRate, beta1, beta2, epsilon, step, decay }: AdamStep): number[] {
  if (!(step >= 1)) throw new RangeError(`step must be at least 1, got ${step}`);
  return [
    ...[learningRate / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)],
    ...[beta1, 1 - beta1, beta2, 1 - beta2, epsilon, decay],
  ];
}
