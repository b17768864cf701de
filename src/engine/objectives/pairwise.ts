// Losses that set a positive's score against those of its negatives.

import type { Ops } from "../../graph/ops.ts";

/** BPR (Rendle et al., UAI 2009): mean of -log σ(positive - negative), the shapes broadcast. */
export function bpr(g: Ops, positive: string, negative: string): string {
  return g.mean(g.softplus(g.sub(negative, positive)), []);
}

/**
 * Cosine contrastive loss (SimpleX, arXiv 2109.12613): mean of (1 - p) + weight/N · Σ_j max(0, n_j - margin), for
 * cosines p [n] and n [n, N].
 */
export function cosineContrastive(
  g: Ops,
  positive: string,
  negatives: string,
  { margin, weight }: { margin: number; weight: number },
): string {
  const push = g.mean(g.relu(g.sub(negatives, g.scalar(margin))), [1]);
  return g.mean(g.add(g.sub(g.scalar(1), positive), g.mul(push, g.scalar(weight))), []);
}
