// Collaborative distillation (Lee et al., ICDM 2019, arXiv 1911.05276): the teacher's probabilities of items drawn by its
// own ranking, so that the student also learns what is not quite at the top, or of its list by the student's ranking.

import { z } from "zod";
import { sigmoid, softplus } from "../base/logistic.ts";
import { drawRanks } from "../data/rank-draws.ts";
import { defineLoss } from "../kinds/loss.ts";

export default defineLoss({
  name: "cd",
  summary: "Cross-entropy of tempered teacher probabilities over items drawn by the teacher's ranking.",
  options: z.strictObject({
    listed: z.number().int().min(1).max(1000).default(50).describe("items drawn from the teacher's list of topN"),
    spread: z.number().positive().max(1e6).default(0.05).describe("scale of the drawn ranks, in lengths of the list"),
    guide: z.enum(["teacher", "student"]).default("teacher").describe("whose ranking of the list ranks are drawn by"),
    temperature: z.number().min(1e-3).max(1e3).default(2).describe("T1: divides the teacher's scores"),
    shift: z.number().min(-1e3).max(1e3).default(0).describe("T2: added to the teacher's scores"),
  }),
  needs: "scores",
  candidates: ({ listed }) => ({ listed, unlisted: 0 }),
  pick({ items, student }, { spread, guide }, rng, places) {
    const n = drawRanks(items.length, spread * items.length, rng, places);
    if (guide === "teacher") return n;
    const scores = student();
    const order = Int32Array.from(items.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
    for (let p = 0; p < n; p++) places[p] = order[places[p]!]!;
    return n;
  },
  // q = σ((z + T2) / T1);  L = -mean [q log σ(r) + (1 - q) log σ(-r)];  dL/dr = (σ(r) - q) / n
  lossAndGrad({ student, teacher, listed }, { temperature, shift }, grad) {
    let loss = 0;
    for (let c = 0; c < listed; c++) {
      const x = student[c]!;
      const q = sigmoid((teacher[c]! + shift) / temperature);
      loss += (softplus(x) - q * x) / listed;
      grad[c]! += (sigmoid(x) - q) / listed;
    }
    return loss;
  },
});
