// Importance-aware ranking distillation (DLLM2Rec, Cui et al., RecSys 2024, arXiv 2405.00338), for teachers that are not
// always to be trusted, such as language models: an item of the list counts by its place, by how sure of it the teacher
// is, and by whether the student would show it, too.

import { z } from "zod";
import { sigmoid, softplus } from "../base/logistic.ts";
import { defineLoss } from "../kinds/loss.ts";

const share = z.number().min(0).max(1e3);

export default defineLoss({
  name: "dllm2rec",
  summary: "The teacher's top K as positives, weighted by place, by the teacher's confidence and by agreement.",
  options: z.strictObject({
    listed: z.number().int().min(1).max(1000).default(10).describe("K: teacher items per user, best first"),
    unlisted: z.number().int().min(1).max(5000).default(50).describe("sampled items that the teacher did not list"),
    position: share.default(0.3).describe("weight of e^{-rank}"),
    confidence: share.default(0.5).describe("weight of e^{score - best score}, of the teacher's scores"),
    consistency: share.default(0.1).describe("weight of being among the student's own first K of the candidates"),
  }),
  needs: "scores",
  candidates: ({ listed, unlisted }) => ({ listed, unlisted }),
  // w_k ∝ position · e^{-k} / Σ e^{-k} + confidence · e^{z_k - z_best} / Σ e^{z_k - z_best} + consistency · [student's rank of k < K]
  // L = Σ_k w_k (-log σ(r_k)) + mean over unlisted of -log σ(-r_j),  Σ w_k = 1;  the weights count as constants
  lossAndGrad({ student, teacher, listed }, { position, confidence, consistency }, grad) {
    const n = student.length;
    const best = teacher.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
    const places = weightsOf(listed, (k) => Math.exp(-k));
    const sure = weightsOf(listed, (k) => Math.exp(teacher[k]! - best));
    const last = student.slice().sort()[Math.max(0, n - listed)]!;
    const weights = weightsOf(
      listed,
      (k) => position * places[k]! + confidence * sure[k]! + (student[k]! >= last ? consistency : 0),
    );
    let loss = 0;
    for (let c = 0; c < n; c++) {
      const x = c < listed ? -student[c]! : student[c]!;
      const weight = c < listed ? weights[c]! : 1 / (n - listed);
      loss += weight * softplus(x);
      grad[c]! += (c < listed ? -weight : weight) * sigmoid(x);
    }
    return loss;
  },
});

/** In proportion to `of`, with sum 1; 0 each where that is 0 throughout. */
function weightsOf(n: number, of: (k: number) => number): Float64Array {
  const weights = Float64Array.from({ length: n }, (_, k) => of(k));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sum > 0 ? weights.map((weight) => weight / sum) : weights;
}
