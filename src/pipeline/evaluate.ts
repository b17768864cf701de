// Full-ranking evaluation: every item the user has not taken is a candidate, none is sampled.

import { UserError } from "../base/errors.ts";
import { type Interactions, rowOf } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { MetricMethod } from "../kinds/metric.ts";
import { recommendAll } from "../recommender/recommend-all.ts";
import type { Recommender } from "../recommender/recommender.ts";

export interface Evaluation {
  /** "ndcg@20" → value; means over users with at least one relevant item. */
  readonly metrics: Record<string, number>;
  /** Standard error of each metric that is a mean over users. */
  readonly standardError: Record<string, number>;
  /** The evaluated users and their lists of the largest k. */
  readonly users: Int32Array;
  readonly lists: { readonly k: number; readonly items: Int32Array };
}

/** Popularity bands: items by falling train count, cut where they make up a third and two thirds of the interactions. */
export const bands = ["head", "mid", "tail"] as const;

/**
 * Ranks for every user with items in `truth`: input and exclusions are `seen` (train, and validation when testing).
 * Bands follow the counts in `train`.
 */
export async function evaluate(
  kernels: Kernels,
  recommender: Recommender,
  data: { readonly train: Interactions; readonly seen: Interactions; readonly truth: Interactions },
  options: { readonly ks: readonly number[]; readonly metrics: readonly MetricMethod[] },
  progress?: (done: number, total: number) => void,
): Promise<Evaluation> {
  const { train, seen, truth } = data;
  const users = Int32Array.from(
    Array.from({ length: truth.users }, (_, u) => u).filter((u) => truth.indptr[u + 1]! > truth.indptr[u]!),
  );
  if (users.length === 0)
    throw new UserError("evaluate: no user has an item to predict; give the split a larger share.");
  const longest = Math.max(...options.ks);
  const request = { users, histories: seen, exclude: seen, k: longest, ...(progress && { progress }) };
  const { items } = await recommendAll(kernels, recommender, request);
  const band = bandOf(train);
  const metrics: Record<string, number> = {};
  const standardError: Record<string, number> = {};
  const record = (name: string, values: Float64Array, n: number) => {
    const mean = values.subarray(0, n).reduce((a, b) => a + b, 0) / n;
    const variance = values.subarray(0, n).reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, n - 1);
    metrics[name] = mean;
    standardError[name] = Math.sqrt(variance / n);
  };
  const hits = new Uint8Array(users.length * longest);
  for (let r = 0; r < users.length; r++) {
    const wanted = new Set(rowOf(truth, users[r]!));
    for (let at = r * longest; at < (r + 1) * longest; at++) hits[at] = wanted.has(items[at]!) ? 1 : 0;
  }
  const values = new Float64Array(users.length);
  for (const k of options.ks) {
    const cut = (r: number) => hits.subarray(r * longest, r * longest + k);
    for (const { name, perUser, overall } of options.metrics) {
      if (perUser) {
        for (let r = 0; r < users.length; r++) {
          values[r] = perUser({ hits: cut(r), relevant: rowOf(truth, users[r]!).length });
        }
        record(`${name}@${k}`, values, users.length);
      } else if (overall) {
        const top = new Int32Array(users.length * k);
        for (let r = 0; r < users.length; r++) top.set(items.subarray(r * longest, r * longest + k), r * k);
        metrics[`${name}@${k}`] = overall({ k, items: top, catalogue: truth.items });
      }
    }
    for (const [b, label] of bands.entries()) {
      let n = 0;
      for (let r = 0; r < users.length; r++) {
        const relevant = rowOf(truth, users[r]!).reduce((sum, item) => sum + (band[item] === b ? 1 : 0), 0);
        if (relevant === 0) continue;
        let found = 0;
        for (let at = r * longest; at < r * longest + k; at++) if (hits[at] && band[items[at]!] === b) found++;
        values[n++] = found / relevant;
      }
      if (n > 0) record(`recall-${label}@${k}`, values, n);
    }
  }
  return { metrics, standardError, users, lists: { k: longest, items } };
}

/** 0 head, 1 mid, 2 tail for each item. */
export function bandOf(train: Interactions): Uint8Array {
  const counts = new Int32Array(train.items);
  for (const item of train.indices) counts[item]!++;
  const order = Array.from(counts.keys()).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const band = new Uint8Array(train.items);
  let sum = 0;
  for (const item of order) {
    band[item] = Math.min(2, Math.floor((3 * sum) / Math.max(1, train.indices.length)));
    sum += counts[item]!;
  }
  return band;
}
