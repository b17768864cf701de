// Full topology distillation (Kang et al. KDD 2021, arXiv 2106.08700): the student keeps the cosine of every pair of
// entities in a batch, users and items together.

import { z } from "zod";
import { directions, relationGap } from "../engine/distil/relations.ts";
import { defineEmbeddingLoss } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "ftd",
  summary: "Squared difference of all pairs' cosines in a batch, users and items together.",
  options: z.strictObject({}),
  // L = ‖A_t - A_s‖²,  A = cosines of all pairs, up to the teacher's ‖A_t‖²
  build({ g }, { user, item }) {
    const both = (of: "teacher" | "student") =>
      g.concat([directions(g, user[of], user.weight), directions(g, item[of], item.weight)], 0);
    return relationGap(g, both("teacher"), both("student"));
  },
});
