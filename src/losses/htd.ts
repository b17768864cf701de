// Hierarchical topology distillation (Kang et al. KDD 2021, arXiv 2106.08700): entities fall into groups by the teacher's
// vectors; the student keeps how each lies to every group and to the members of its own, and experts, one a group,
// rebuild the teacher's vectors.

import { z } from "zod";
import { everyNth, everyOption } from "../engine/distil/entity-steps.ts";
import { openExperts } from "../engine/distil/experts.ts";
import { openTopology } from "../kernels/topology.ts";
import { defineEmbeddingLoss } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "htd",
  summary: "Cosines to groups' means and within groups, and the teacher's vectors by one expert a group.",
  options: z.strictObject({
    groups: z.number().int().min(1).max(256).default(30).describe("K: groups of users, and as many of items"),
    topology: z.number().min(0).max(1).default(0.5).describe("γ: share of the topology; the rest rebuilds vectors"),
    every: everyOption(2),
  }),
  // L = γ (‖H_t - H_s‖² + ‖M ⊙ (A_t - A_s)‖²) + (1 - γ) Σ_e ‖e_t - E_{z(e)}(e_s)‖²
  // H: cosines of group means to entities; M: 1 for pairs of one group; up to the teacher's own cosines
  open(c, { groups, topology, every }) {
    const teams = openExperts(c, groups);
    const shape = openTopology(c.kernels, c.scope, c.placed, 2 * groups, true);
    return everyNth(every, async (entities, scale, progress) => {
      const grouped = await teams.choose(entities, progress);
      const kept = await shape.step(grouped, scale * topology);
      const rest = scale * (1 - topology);
      return kept + (await teams.rebuild({ user: rest, item: rest }));
    });
  },
});
