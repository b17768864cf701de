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

/** The loss above of logits [n] and labels [n]; τ² keeps the size of the teacher's gradient whatever τ is. */
export function taughtCrossEntropy(
  g: Ops,
  logits: string,
  labels: string,
  { teacher, alpha, temperature }: Teaching,
): string {
  const tau = g.scalar(temperature);
  const own = binaryCrossEntropy(g, logits, labels);
  const kept = binaryCrossEntropy(g, g.div(logits, tau), g.sigmoid(g.div(teacher, tau)));
  return g.add(g.mul(own, g.scalar(1 - alpha)), g.mul(kept, g.scalar(alpha * temperature ** 2)));
}
