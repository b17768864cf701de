// Hierarchical topology distillation (Kang et al. KDD 2021, arXiv 2106.08700): entities fall into groups by the teacher's
// vectors; the student keeps how each lies to every group and to the members of its own, and experts, one a group,
// rebuild the teacher's vectors.

import { z } from "zod";
import { rebuilt, select } from "../engine/distil/experts.ts";
import { directions, relationGapWithin } from "../engine/distil/relations.ts";
import { defineEmbeddingLoss, type EmbeddingContext } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "htd",
  summary: "Cosines to groups' means and within groups, and the teacher's vectors by one expert a group.",
  options: z.strictObject({
    groups: z.number().int().min(1).max(256).default(30).describe("K: groups of users, and as many of items"),
    topology: z.number().min(0).max(1).default(0.5).describe("γ: share of the topology; the rest rebuilds vectors"),
  }),
  // L = γ (‖H_t - H_s‖² + ‖M ⊙ (A_t - A_s)‖²) + (1 - γ) Σ_e ‖e_t - E_{z(e)}(e_s)‖²
  // H: cosines of group means to entities; M: 1 for pairs of one group; up to the teacher's own ‖M ⊙ A_t‖²
  build(c, { user, item }, { groups, topology }) {
    const { g } = c;
    const sides = [
      { name: "user", ...user },
      { name: "item", ...item },
    ] as const;
    const parts = sides.map((side) => {
      const chosen = select(c, side.name, side.teacher, groups);
      const vectors = rebuilt(c, side.name, side, chosen);
      const member = g.mul(chosen.member, g.unsqueeze(side.weight, 1));
      const unit = (of: "teacher" | "student") => directions(g, side[of], side.weight);
      return { vectors, member, inside: relationGapWithin(g, chosen, unit("teacher"), unit("student")) };
    });
    const all = (of: "teacher" | "student") =>
      g.concat(
        sides.map((side) => directions(g, side[of], side.weight)),
        0,
      );
    const toGroups = (centred: "teacher" | "present", of: "teacher" | "student") => {
      const centres = parts.map(({ member }, s) => groupMeans(c, member, sides[s]![centred]));
      return g.gemm(g.concat(centres, 0), all(of), undefined, { transB: true });
    };
    const between = g.sum(g.square(g.sub(toGroups("teacher", "teacher"), toGroups("present", "student"))), []);
    const add = (values: readonly string[]) => values.reduce((sum, value) => g.add(sum, value));
    const shape = add([between, ...parts.map(({ inside }) => inside)]);
    const vectors = add(parts.map((part) => part.vectors));
    return g.add(g.mul(shape, g.scalar(topology)), g.mul(vectors, g.scalar(1 - topology)));
  },
});

/** Means of the groups' rows, of length 1, [groups, width]. */
function groupMeans({ g }: EmbeddingContext, member: string, rows: string): string {
  const sums = g.gemm(member, rows, undefined, { transA: true });
  return g.div(sums, g.max(g.norm(sums, [1], true), g.scalar(1e-8)));
}
