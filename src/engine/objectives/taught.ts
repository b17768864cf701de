// Binary cross-entropy with a teacher (Ensembled CTR Prediction via Knowledge Distillation, arXiv 2011.04106):
//
//     L = (1 - α) · BCE(y, σ(z)) + α · τ² · BCE(σ(t / τ), σ(z / τ))

import type { Ops } from "../../graph/ops.ts";
import { binaryCrossEntropy } from "./pointwise.ts";

export interface Teaching {
  /** The teacher's logits [n]. */
  readonly teacher: string;
  /** Its share of the loss, α. */
  readonly alpha: number;
  /** τ. */
  readonly temperature: number;
}

/** τ² · BCE(σ(t / τ), σ(z / τ)) of logits z and t [n]; τ² keeps the size of its gradient whatever τ is. */
export function temperedCrossEntropy(g: Ops, logits: string, teacher: string, temperature: number): string {
  const tau = g.scalar(temperature);
  const value = binaryCrossEntropy(g, g.div(logits, tau), g.sigmoid(g.div(teacher, tau)));
  return g.mul(value, g.scalar(temperature ** 2));
}

/** The loss above of logits [n] and labels [n]. */
export function taughtCrossEntropy(
  g: Ops,
  logits: string,
  labels: string,
  { teacher, alpha, temperature }: Teaching,
): string {
  const own = binaryCrossEntropy(g, logits, labels);
  const kept = temperedCrossEntropy(g, logits, teacher, temperature);
  return g.add(g.mul(own, g.scalar(1 - alpha)), g.mul(kept, g.scalar(alpha)));
}
