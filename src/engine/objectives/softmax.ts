// Cross-entropy over candidates: all items, sampled ones, or those of the other rows of the batch.

import type { Ops } from "../../graph/ops.ts";

/** Mean of -log softmax(scores)[target], for scores [n, items] and int64 targets [n]; `weights` [n] leave rows out. */
export function fullSoftmax(g: Ops, scores: string, targets: string, weights?: string): string {
  const picked = g.node("GatherElements", [g.logSoftmax(scores), g.unsqueeze(targets, 1)], { axis: 1 });
  return weightedMean(g, g.neg(g.squeeze(picked, 1)), weights);
}

/**
 * Mean of -log( e^{p/τ} / (e^{p/τ} + Σ_j e^{n_j/τ}) ), for scores of the own items p [n] and of drawn ones [n, N]. Where
 * items are not drawn alike, the caller subtracts τ · log q of each beforehand. `weights` [n] leave rows out.
 */
export function sampledSoftmax(
  g: Ops,
  positive: string,
  negatives: string,
  temperature: number,
  weights?: string,
): string {
  const all = g.concat([g.unsqueeze(positive, 1), negatives], 1);
  const scaled = temperature === 1 ? all : g.mul(all, g.scalar(1 / temperature));
  const own = g.squeeze(g.slice(g.logSoftmax(scaled), 1, 0, 1), 1);
  return weightedMean(g, g.neg(own), weights);
}

/**
 * In-batch softmax with the logQ correction (Yi et al., RecSys 2019): scores [n, n] of every query against every row's
 * item, whose sampling probability is its share of the interactions; logQ [n] is subtracted from each column. A column
 * that holds the row's own item again is masked by `repeated` [n, n] (1 where it is), so that no positive is a negative.
 */
export function inBatchSoftmax(g: Ops, scores: string, logQ: string, repeated: string, temperature: number): string {
  const n = g.dims(scores)[0]!;
  const scaled = temperature === 1 ? scores : g.mul(scores, g.scalar(1 / temperature));
  const corrected = g.sub(g.sub(scaled, g.unsqueeze(logQ, 0)), g.mul(repeated, g.scalar(1e9)));
  const diagonal = g.constant("diagonal", {
    dtype: "int64",
    dims: [n, 1],
    data: BigInt64Array.from({ length: n }, (_, i) => BigInt(i)),
  });
  const own = g.node("GatherElements", [g.logSoftmax(corrected), diagonal], { axis: 1 });
  return g.neg(g.mean(own, []));
}

/** Mean over rows of -Σ_i counts_i log softmax(scores)_i, for scores and counts [n, items] (Mult-VAE, arXiv 1802.05814). */
export function multinomial(g: Ops, scores: string, counts: string): string {
  return g.neg(g.mean(g.sum(g.mul(counts, g.logSoftmax(scores)), [1]), []));
}

function weightedMean(g: Ops, losses: string, weights: string | undefined): string {
  if (weights === undefined) return g.mean(losses, []);
  const total = g.node("Max", [g.sum(weights, []), g.scalar(1)]);
  return g.div(g.sum(g.mul(losses, weights), []), total);
}
