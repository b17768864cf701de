// Soft labels: the student's distribution over a user's candidates is drawn towards the teacher's, both tempered
// (Hinton et al., arXiv 1503.02531; listwise over candidates, so no score offset of the teacher leaks in). It is ListNet
// (Cao et al., ICML 2007) by top-one probabilities, and KL(p ‖ q) up to the teacher's own entropy.

import { z } from "zod";
import { defineLoss } from "../kinds/loss.ts";

export default defineLoss({
  name: "soft-label",
  summary: "ListNet: cross-entropy of tempered teacher and student distributions over the user's candidates.",
  options: z.strictObject({
    listed: z.number().int().min(1).max(1000).default(50).describe("teacher items per user"),
    unlisted: z.number().int().min(0).max(5000).default(50).describe("sampled items that the teacher did not list"),
    temperature: z.number().min(1e-3).max(1e3).default(1).describe("divides both sides' scores; higher is softer"),
    unlistedShare: z
      .number()
      .min(0)
      .max(0.99)
      .default(0)
      .describe("ε: the teacher's probability of all unlisted candidates together, each alike"),
  }),
  needs: "scores",
  candidates: ({ listed, unlisted }) => ({ listed, unlisted }),
  // p = (1 - ε) softmax(teacher / T) on the listed, ε / unlisted elsewhere;  q = softmax(student / T) on all candidates
  // L = -T² Σ p log q;   dL/ds_c = T (q_c - p_c)
  lossAndGrad({ student, teacher, listed }, { temperature, unlistedShare }, grad) {
    const teachers = softmax(teacher, listed, temperature);
    const students = softmax(student, student.length, temperature);
    const unlisted = student.length - listed;
    const share = unlisted > 0 ? unlistedShare : 0;
    let loss = 0;
    for (let c = 0; c < student.length; c++) {
      const p = c < listed ? (1 - share) * teachers.shares[c]! : share / unlisted;
      loss -= p * (student[c]! / temperature - students.log);
      grad[c]! += temperature * (students.shares[c]! - p);
    }
    return temperature * temperature * loss;
  },
});

/** e^(scores_c / T) over their sum, for c < n, and the logarithm of that sum. */
function softmax(scores: Float32Array, n: number, temperature: number): { shares: Float64Array; log: number } {
  let max = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < n; c++) max = Math.max(max, scores[c]!);
  const shares = new Float64Array(n);
  let sum = 0;
  for (let c = 0; c < n; c++) sum += shares[c] = Math.exp((scores[c]! - max) / temperature);
  for (let c = 0; c < n; c++) shares[c]! /= sum;
  return { shares, log: max / temperature + Math.log(sum) };
}
