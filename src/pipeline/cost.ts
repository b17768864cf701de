// What a recommender costs by its shapes: numbers kept and floating-point operations a request.

import { countFlops } from "../graph/flops.ts";
import { elements } from "../graph/tensor.ts";
import type { Encoder } from "../recommender/encoder/encoder.ts";
import { lowerEncoder } from "../recommender/lower.ts";
import { type Recommender, tableNames } from "../recommender/recommender.ts";

/** Numbers that the tables and the encoder stand for, whatever they are encoded in; of a sparse table only those it keeps. */
export function parameters({ tables, encoder }: Recommender): number {
  let sum = 0;
  for (const { dims } of Object.values(encoder?.weights ?? {})) sum += elements(dims);
  for (const name of tableNames) {
    const table = tables[name];
    if (table) sum += table.values ? table.values.rows * table.values.cols : table.rows * table.cols;
  }
  return sum;
}

/**
 * One request over all items, multiply and add counted apart, decoding and top-k left out:
 *
 *     pooling  h · w        h = mean history length, w = mean kept numbers in a row of the pooled table
 *     encoding              the encoder's graph over min(h, its length) rows, in place of pooling
 *     scoring  2 · d · n    with an item table; gain and bias n each
 */
export function flopsPerRequest({ query, items, tables, encoder }: Recommender, meanHistory: number): number {
  const pooled = tables.history ?? tables.item;
  const width = pooled ? (pooled.values ? (pooled.values.rows * pooled.values.cols) / pooled.rows : pooled.cols) : 0;
  const pooling = encoder ? encoding(encoder, meanHistory) : query === "history" ? meanHistory * width : 0;
  const scoring = tables.item && query !== "none" ? 2 * tables.item.cols * items : 0;
  return Math.round(pooling + scoring + (tables.gain ? items : 0) + (tables.bias && query !== "none" ? items : 0));
}

function encoding(encoder: Encoder, meanHistory: number): number {
  const length = Math.max(1, Math.min(encoder.length, Math.round(meanHistory)));
  return countFlops(lowerEncoder(encoder), { batch: 1, length });
}
