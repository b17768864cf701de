// SGD, Adagrad and Adam on the rows of a table that a batch touched, over all threads. The gradients are rows for `ids`,
// which must not repeat (null: every row in order), or lookups joined by row, whose touched rows `ids` are then. G = scale·g + decay·w: scale clips (1 by default), decay is L2 in the gradient, 0 by default.

import { checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";
import type { RowGradients } from "./row-gradients.ts";
import { checkIds, rowCount } from "./rows.ts";

export interface SgdStep {
  readonly learningRate: number;
  readonly decay?: number;
  readonly scale?: number;
}

export interface AdagradStep extends SgdStep {
  readonly epsilon: number;
}

export interface AdamStep extends AdagradStep {
  readonly beta1: number;
  readonly beta2: number;
  /** What w is multiplied by, for decay that passes the moments by; 1 by default. */
  readonly keep?: number;
  /** 1 for the first step. */
  readonly step: number;
}

/** Below so many numbers a step is not worth waking threads for. */
const WORTH_THREADS = 1 << 16;

/** Checks the arrays and runs `kernel` over ranges of the rows; `state` has the table's width or one number a row. */
async function spread(
  k: Kernels,
  kernel: string,
  arrays: { readonly table: Float32Array } & Readonly<Record<string, Float32Array>>,
  widths: readonly number[],
  ids: Int32Array | null,
  grads: Float32Array | RowGradients,
  width: number,
  factors: readonly number[],
): Promise<void> {
  const rows = rowCount("table", arrays.table, width);
  Object.entries(arrays).forEach(([name, array], i) => {
    checkLength(name, array, rows * widths[i]!);
  });
  if (ids) checkIds(k, "ids", ids, rows);
  const n = ids ? ids.length : rows;
  const [values, rings] = grads instanceof Float32Array ? [grads, null] : [grads.values, grads];
  if (grads instanceof Float32Array) checkLength("grads", grads, n * width);
  else checkLength("ids", ids ?? grads.slotOf, grads.slots);
  if (n === 0) return;
  await k.parallel(
    kernel,
    ranges(n, n * width < WORTH_THREADS ? 1 : parts(k)).map(([start, end]) => [
      ...Object.values(arrays).map((array, i) => array.byteOffset + (ids ? 0 : 4 * start * widths[i]!)),
      ids ? ids.byteOffset + 4 * start : 0,
      ...(rings ? [rings.last.byteOffset + 4 * start, rings.next.byteOffset] : [0, 0]),
      values.byteOffset + (rings ? 0 : 4 * start * width),
      ...[end - start, width],
      ...factors,
    ]),
  );
}

const common = ({ scale = 1, decay = 0 }: SgdStep) => [scale, decay];

/** w -= learningRate·G. */
export function sgdRows(
  k: Kernels,
  table: Float32Array,
  ids: Int32Array | null,
  grads: Float32Array | RowGradients,
  width: number,
  step: SgdStep,
): Promise<void> {
  return spread(k, "sgdRows", { table }, [width], ids, grads, width, [...common(step), step.learningRate]);
}

/** Adagrad (Duchi et al., JMLR 2011): a += G²; w -= learningRate·G / (√a + epsilon). */
export function adagradRows(
  k: Kernels,
  table: Float32Array,
  accumulator: Float32Array,
  ids: Int32Array | null,
  grads: Float32Array | RowGradients,
  width: number,
  step: AdagradStep,
): Promise<void> {
  const factors = [...common(step), step.learningRate, step.epsilon];
  return spread(k, "adagradRows", { table, accumulator }, [width, width], ids, grads, width, factors);
}

/** Row-wise Adagrad (arXiv 1906.00091, FBGEMM), one number a row: a[row] += mean(G²); w -= learningRate·G / (√a[row] + epsilon). */
export function rowwiseAdagradRows(
  k: Kernels,
  table: Float32Array,
  accumulator: Float32Array,
  ids: Int32Array | null,
  grads: Float32Array | RowGradients,
  width: number,
  step: AdagradStep,
): Promise<void> {
  const factors = [...common(step), step.learningRate, step.epsilon];
  return spread(k, "rowwiseAdagradRows", { table, accumulator }, [width, 1], ids, grads, width, factors);
}

/**
 * Adam (arXiv 1412.6980), bias-corrected and lazy: rows that were not touched keep m and v.
 * m = β₁m + (1-β₁)G; v = β₂v + (1-β₂)G²; w = keep·w - learningRate·m̂ / (√v̂ + epsilon), m̂ = m/(1-β₁^step), v̂ = v/(1-β₂^step).
 */
export async function adamRows(
  k: Kernels,
  table: Float32Array,
  m: Float32Array,
  v: Float32Array,
  ids: Int32Array | null,
  grads: Float32Array | RowGradients,
  width: number,
  options: AdamStep,
): Promise<void> {
  const { learningRate, beta1, beta2, epsilon, step, keep = 1 } = options;
  if (!(step >= 1)) throw new RangeError(`step must be at least 1, got ${step}`);
  const factors = [
    ...[learningRate / (1 - beta1 ** step), 1 / Math.sqrt(1 - beta2 ** step)],
    ...[beta1, 1 - beta1, beta2, 1 - beta2, epsilon, keep],
  ];
  return spread(k, "adamRows", { table, m, v }, [width, width, width], ids, grads, width, [
    ...common(options),
    ...factors,
  ]);
}
