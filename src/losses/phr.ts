// Personalised hint regression (PHR, Kang et al., Knowledge-Based Systems 2022): each entity's student vector goes to its
// teacher's through a matrix of its own, which a network makes of the teacher's vector. The network is dropped with the
// training.

import { z } from "zod";
import { distance } from "../engine/distil/distance.ts";
import { constant, linearUniform } from "../engine/layers/init.ts";
import { linear } from "../engine/layers/mlp.ts";
import { defineEmbeddingLoss } from "../kinds/embedding-loss.ts";

export default defineEmbeddingLoss({
  name: "phr",
  summary: "Squared distance of the teacher's vectors to the student's, each through a map of its own.",
  options: z.strictObject({
    hidden: z.number().int().min(1).max(256).default(16).describe("width of the network that makes the maps"),
  }),
  // W_e = B_0 + Σ_k a_k(e) B_k,  a = relu(A h_t(e));  L = Σ_users ‖h_t(e) - W_e h_s(e)‖² + ½ Σ_items …
  // The network's last layer is linear, so W_e h_s = (1, a) ⊗ h_s through one matrix, and no W_e is ever made.
  build(c, { user, item }, { hidden }) {
    const { g } = c;
    const of = (side: typeof user, name: string) => {
      const [n, from] = g.dims(side.student) as [number, number];
      const to = g.dims(side.teacher)[1]!;
      const act = g.relu(linear(c, side.teacher, hidden, `${name}.network`, linearUniform(to)));
      const shares = g.unsqueeze(g.concat([g.full([n, 1], 1), act], 1), 2);
      const spread = g.reshape(g.mul(shares, g.unsqueeze(side.student, 1)), [n, (hidden + 1) * from]);
      const maps = c.weight(`${name}.maps`, [(hidden + 1) * from, to], linearUniform(from * (hidden + 1)));
      const shift = c.weight(`${name}.shift`, [to], constant(0));
      return distance(c, side, g.gemm(spread, maps, shift));
    };
    return g.add(of(user, "user"), g.mul(of(item, "item"), g.scalar(0.5)));
  },
});
