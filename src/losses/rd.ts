// Ranking distillation (Tang and Wang, KDD 2018, arXiv 1809.07428): the teacher's best items are further positives, the
// more so the higher the teacher ranks them and the lower the student still does.

import { z } from "zod";
import { sigmoid, softplus } from "../base/logistic.ts";
import { defineLoss } from "../kinds/loss.ts";

export default defineLoss({
  name: "rd",
  summary: "The teacher's top K as positives, weighted by its rank and by how much lower the student ranks them.",
  options: z.strictObject({
    listed: z.number().int().min(1).max(1000).default(10).describe("K: teacher items per user, best first"),
    unlisted: z.number().int().min(1).max(5000).default(100).describe("sampled items that estimate the student's rank"),
    lambda: z.number().positive().max(1e6).default(1).describe("how slowly the weight falls with the teacher's rank"),
    mu: z.number().positive().max(1e6).default(0.1).describe("how sharply a rank that is too low counts"),
    weights: z.enum(["hybrid", "rank"]).default("hybrid").describe("both weights, or the teacher's rank alone"),
  }),
  needs: "ranks",
  candidates: ({ listed, unlisted }) => ({ listed, unlisted }),
  // L = Σ_k a_k b_k (-log σ(r_k)),  k = 0 … K - 1
  // a_k = e^{-k/λ} / Σ_j e^{-j/λ};  b_k = max(0, tanh(μ (rank_k - k))),  rank_k = ⌊(items - 1) · share of sampled above r_k⌋
  // The weights count as constants.
  lossAndGrad({ student, listed, items }, { lambda, mu, weights }, grad) {
    const sampled = student.length - listed;
    let total = 0;
    for (let k = 0; k < listed; k++) total += Math.exp(-k / lambda);
    let loss = 0;
    for (let k = 0; k < listed; k++) {
      let above = 0;
      for (let c = listed; c < student.length; c++) if (student[c]! > student[k]!) above++;
      const rank = sampled > 0 ? Math.floor(((items - 1) * above) / sampled) : k;
      const behind = weights === "rank" ? 1 : Math.max(0, Math.tanh(mu * (rank - k)));
      const weight = (Math.exp(-k / lambda) / total) * behind;
      const x = student[k]!;
      loss += weight * softplus(-x);
      grad[k]! -= weight * sigmoid(-x);
    }
    return loss;
  },
});
