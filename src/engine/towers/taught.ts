// Two towers' lessons. Rows come in random order and an epoch teaches as many as there are users, so that lessons cost what
// the users cost and not what their interactions do.

import type { Feeds } from "../training/trainer.ts";
import type { Objective } from "../training/training-graph.ts";

/** How many rows of a batch are taught where `entries` interactions of `users` come `batch` at a time. */
export const taughtRows = (users: number, entries: number, batch: number): number =>
  Math.ceil(users / Math.ceil(entries / batch));

/** The first `n` rows of a batch, as the input `taught`. */
export const firstRows = (n: number): Feeds => ({
  taught: { dtype: "int64", dims: [n], data: BigInt64Array.from({ length: n }, (_, row) => BigInt(row)) },
});

/** own · L + Σ pull · score, of the output `scores`. */
export const taughtObjective =
  (objective: Objective, candidates: number): Objective =>
  (g, outputs) => {
    const pull = g.input("pull", "float32", ["taught", candidates]);
    const own = g.mul(g.input("own", "float32", []), objective(g, outputs));
    return g.add(own, g.sum(g.mul(pull, outputs["scores"]!), []));
  };
