// Losses of one logit a row.

import type { Ops } from "../../graph/ops.ts";

/** Binary cross-entropy from logits [n] and labels [n] in [0, 1]: mean of softplus(z) - y·z, exact for large |z|. */
export function binaryCrossEntropy(g: Ops, logits: string, labels: string): string {
  return g.mean(g.sub(g.softplus(logits), g.mul(logits, labels)), []);
}
