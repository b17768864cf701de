// Full topology distillation (Kang et al. KDD 2021, arXiv 2106.08700): the student keeps the cosine of every pair of
// entities in a batch, users and items together.

import { z } from "zod";
import { openTopology } from "../kernels/topology.ts";
import { defineEmbeddingLoss } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "ftd",
  summary: "Squared difference of all pairs' cosines in a batch, users and items together.",
  options: z.strictObject({}),
  // L = ‖A_t - A_s‖²,  A = cosines of all pairs, up to the teacher's ‖A_t‖²
  open({ kernels, scope, placed, most }) {
    const topology = openTopology(kernels, scope, placed, 1, false);
    const nodes = scope.i32(most.user + most.item);
    const first = scope.i32(2);
    return ({ user, item }, scale) => {
      nodes.set(user);
      nodes.set(item, user.length);
      first[1] = user.length + item.length;
      return topology.step({ nodes: nodes.subarray(0, first[1]), first }, scale);
    };
  },
});
