// Losses at every place of a batch of sequences that has a target.

import type { Ops } from "../../graph/ops.ts";
import type { Objective } from "../training/training-graph.ts";

export interface SequenceLoss {
  /** softmax: cross-entropy over the target and shared negatives; bce: as SASRec was published. */
  readonly loss: "softmax" | "bce";
  readonly temperature: number;
}

/**
 * Mean over places with a target (inputs `counts` as `mask`); a negative that is the target itself does not count. Taught,
 * it is `own`, a number, times that, and Σ `pull` · scores: whatever loss of the scores has the gradient `pull` here.
 */
export function sequenceObjective({ loss, temperature }: SequenceLoss, taught?: { candidates: number }): Objective {
  return (g, { states, positive, negative, scores }) => {
    const mask = g.reshape(g.input("counts", "float32", ["batch", "length"]), [-1]);
    const own = g.sum(g.mul(states!, positive!), [1], true);
    const others = g.matmul(states!, g.transpose(negative!, [1, 0]));
    const scale = g.scalar(1 / temperature);
    const repeated = g.equal(g.reshape("target", [-1, 1]), g.unsqueeze("negatives", 0));
    const value = loss === "softmax" ? softmax(g, own, others, repeated, scale) : bce(g, own, others, repeated);
    const mean = g.div(g.sum(g.mul(value, mask), []), g.node("Max", [g.sum(mask, []), g.scalar(1)]));
    if (!taught) return mean;
    const pull = g.input("pull", "float32", ["batch", taught.candidates]);
    return g.add(g.mul(g.input("own", "float32", []), mean), g.sum(g.mul(pull, scores!), []));
  };
}

// -log( e^{p/τ} / (e^{p/τ} + Σ_j e^{n_j/τ}) ) = log Σ over both of e^{(x - p)/τ}
function softmax(g: Ops, own: string, others: string, repeated: string, scale: string): string {
  const masked = g.where(repeated, g.scalar(-1e9), g.mul(others, scale));
  const all = g.concat([g.mul(own, scale), masked], 1);
  return g.neg(g.squeeze(g.slice(g.logSoftmax(all, 1), 1, 0, 1), 1));
}

// softplus(-p) + mean_j softplus(n_j)
function bce(g: Ops, own: string, others: string, repeated: string): string {
  const push = g.where(repeated, g.scalar(0), g.softplus(others));
  return g.add(g.squeeze(g.softplus(g.neg(own)), 1), g.mean(push, [1]));
}
