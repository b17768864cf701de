// Calibration-compatible listwise distillation (CLID, arXiv 2312.08727): how the teacher shares a batch's clicks out among
// its rows. Probabilities are divided by their sum and not put through a softmax, so that a student that says what its
// teacher says is at the optimum, and rates stay rates. This is the cross-entropy of the shares; the complement's half of a
// binary one is left out, for shares are about 1/n, and so is its slope beside this one's.

import { z } from "zod";
import { defineLogitLoss } from "../kinds/logit-loss.ts";

export default defineLogitLoss({
  name: "clid",
  summary: "Cross-entropy of each row's share of the batch's clicks, as probabilities foretell them.",
  options: z.strictObject({}),
  // q_r = σ(t_r) / Σ_j σ(t_j),  p_r = σ(z_r) / Σ_j σ(z_j);  L = -Σ_r q_r log p_r
  // log σ(z) = -softplus(-z), of which a softmax over rows is p.
  build(g, { student, teacher }) {
    const logSigmoid = (z: string) => g.neg(g.softplus(g.neg(z)));
    const log = g.logSoftmax(logSigmoid(student), 0);
    return g.neg(g.sum(g.mul(g.softmax(logSigmoid(teacher), 0), log), []));
  },
});
