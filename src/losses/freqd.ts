// Frequency-aware distillation (FreqD, KDD 2025): vectors lie on a graph of entities, and what is alike among neighbours,
// their low frequencies, says more than what is not. Both sides are filtered to it before they are compared.

import { z } from "zod";
import { distance } from "../engine/distil/distance.ts";
import { linearUniform } from "../engine/layers/init.ts";
import { linear } from "../engine/layers/mlp.ts";
import { defineEmbeddingLoss } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "freqd",
  summary:
    "Squared distance of the teacher's vectors to a linear view of the student's, both smoothed over neighbours.",
  options: z.strictObject({
    neighbours: z.number().int().min(1).max(100).default(10).describe("k: nearest by the interactions in common"),
    share: z.number().min(0).max(1).default(0.2).describe("α: share of the neighbours' mean"),
    drop: z.number().min(0).max(0.99).default(0.2).describe("probability that a neighbour is left out of a step"),
  }),
  // L = Σ_users ‖(H E_t)_e - W (H E_s)_e‖² + ½ Σ_items …,  H = (1 - α) I + α A,  A the mean over neighbours
  // The view is linear, so filtering comes before it, where vectors are short.
  build(c, { user, item }, options) {
    const { g } = c;
    const of = (side: typeof user, name: "user" | "item") => {
      const { student, teacher } = c.filtered(name, options);
      const view = linear(c, student, g.dims(teacher)[1]!, `${name}.view`, linearUniform(g.dims(student)[1]!));
      return distance(c, { ...side, teacher }, view);
    };
    return g.add(of(user, "user"), g.mul(of(item, "item"), g.scalar(0.5)));
  },
});
