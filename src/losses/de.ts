// Distillation experts (DE-RRD, Kang et al. CIKM 2020, arXiv 2012.04357): the teacher's vectors rebuilt from the
// student's by experts, each for its own kind of entity.

import { z } from "zod";
import { everyNth, everyOption } from "../engine/distil/entity-steps.ts";
import { openExperts } from "../engine/distil/experts.ts";
import { defineEmbeddingLoss } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "de",
  summary: "Squared distance of the teacher's vectors to the student's through selected experts.",
  options: z.strictObject({
    experts: z.number().int().min(1).max(256).default(30).describe("M: experts for users, and as many for items"),
    every: everyOption(3),
  }),
  // L = Σ_users ‖e_t - E_{m(e)}(e_s)‖² + ½ Σ_items …
  open(c, { experts, every }) {
    const teams = openExperts(c, experts);
    return everyNth(every, async (entities, scale, progress) => {
      await teams.choose(entities, progress);
      return teams.rebuild({ user: scale, item: scale / 2 });
    });
  },
});
