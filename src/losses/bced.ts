// Soft labels of clicks: cross-entropy to the teacher's tempered probability of each row (Hinton et al., arXiv 1503.02531;
// for networks of clicks arXiv 2011.04106).

import { z } from "zod";
import { temperedCrossEntropy } from "../engine/objectives/taught.ts";
import { defineLogitLoss } from "../kinds/logit-loss.ts";

export default defineLogitLoss({
  name: "bced",
  summary: "Binary cross-entropy to the teacher's tempered probability of each row.",
  options: z.strictObject({
    temperature: z.number().min(1e-3).max(1e3).default(1).describe("divides both sides' logits; higher is softer"),
  }),
  // L = τ² · mean [softplus(z / τ) - σ(t / τ) z / τ]
  build: (g, { student, teacher }, { temperature }) => temperedCrossEntropy(g, student, teacher, temperature),
});
