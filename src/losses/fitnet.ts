// Hints: the student's vectors, through one layer, against the teacher's (FitNets, Romero et al., arXiv 1412.6550).

import { z } from "zod";
import { distance } from "../engine/distil/distance.ts";
import { linearUniform } from "../engine/layers/init.ts";
import { linear } from "../engine/layers/mlp.ts";
import { defineEmbeddingLoss } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "fitnet",
  summary: "Squared distance of the teacher's vectors to a linear view of the student's; users and items apart.",
  options: z.strictObject({}),
  // L = Σ_users ‖e_t - W e_s‖² + ½ Σ_items ‖e_t - W' e_s‖²
  build(c, { user, item }) {
    const { g } = c;
    const of = (side: typeof user, name: string) => {
      const width = g.dims(side.teacher)[1]!;
      const view = linear(c, side.student, width, `${name}.view`, linearUniform(g.dims(side.student)[1]!));
      return distance(c, side, view);
    };
    return g.add(of(user, "user"), g.mul(of(item, "item"), g.scalar(0.5)));
  },
});
