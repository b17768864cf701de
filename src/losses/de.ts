// Distillation experts (DE-RRD, Kang et al. CIKM 2020, arXiv 2012.04357): the teacher's vectors rebuilt from the
// student's by experts, each for its own kind of entity.

import { z } from "zod";
import { rebuilt, select } from "../engine/distil/experts.ts";
import { defineEmbeddingLoss } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "de",
  summary: "Squared distance of the teacher's vectors to the student's through selected experts.",
  options: z.strictObject({
    experts: z.number().int().min(1).max(256).default(30).describe("M: experts for users, and as many for items"),
  }),
  // L = Σ_users ‖e_t - E_{m(e)}(e_s)‖² + ½ Σ_items …
  build(c, { user, item }, options) {
    const { g } = c;
    const of = (side: typeof user, name: "user" | "item") =>
      rebuilt(c, name, side, select(c, name, side.teacher, options.experts));
    return g.add(of(user, "user"), g.mul(of(item, "item"), g.scalar(0.5)));
  },
});
