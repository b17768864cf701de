// Two towers' lessons: in every batch the guide looks at the scores of some of its rows' users and says how each should
// move. The training step then takes Σ pull · score into its objective, whose gradient is the loss's.
//
// Rows come in random order and an epoch visits as many as there are users, so that lessons cost what the users cost and
// not what their interactions do. Scores are in units of the softmax's temperature.

import type { Rng } from "../../base/rng.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import { shareIn } from "../distil/teaching.ts";
import { createGuide, termsOf } from "../guide.ts";
import { rowProduct } from "../row-product.ts";
import type { Feeds } from "../training/trainer.ts";
import type { Objective } from "../training/training-graph.ts";

export interface TowerLessons {
  /** Of one row, over all terms. */
  readonly candidates: number;
  /** A lesson that says nothing. */
  readonly none: Feeds;
  enter(epoch: number, epochs: number): void;
  /**
   * What the teacher says of a batch of `users`, by the vectors of its rows and of all items, which are only asked for
   * where the teacher has a say.
   */
  teach(
    users: Int32Array,
    vectors: (lesson: Feeds) => Promise<{ readonly users: Float32Array; readonly items: Float32Array }>,
  ): Promise<Feeds>;
}

/** `rows` interactions make a batch; scores are products of vectors times `scale`. */
export function towerLessons(
  guidance: Guidance,
  data: Interactions,
  { d, rows, scale, rng }: { d: number; rows: number; scale: number; rng: Rng },
): TowerLessons {
  const guide = createGuide(guidance, data, rng);
  const candidates = guide.mostCandidates * termsOf(guidance, "candidates").length;
  const batches = Math.ceil(data.indices.length / rows);
  const visited = Math.ceil(data.users / batches);
  let share = shareIn(guidance, 0);
  const lessonOf = (n: number) => {
    const [ids, pull] = [new BigInt64Array(n * candidates), new Float32Array(n * candidates)];
    const feeds: Feeds = {
      taught: { dtype: "int64", dims: [n], data: BigInt64Array.from({ length: n }, (_, row) => BigInt(row)) },
      candidates: { dtype: "int64", dims: [n, candidates], data: ids },
      pull: { dtype: "float32", dims: [n, candidates], data: pull },
      own: { dtype: "float32", dims: [], data: Float32Array.of(1 - share) },
    };
    return { ids, pull, feeds };
  };
  return {
    candidates,
    none: lessonOf(1).feeds,
    enter(epoch, epochs) {
      guide.enter(epoch, epochs);
      share = shareIn(guidance, epoch);
    },
    async teach(users, vectors) {
      const n = Math.min(visited, users.length);
      const { ids, pull, feeds } = lessonOf(n);
      if (share === 0) return feeds;
      const now = await vectors(feeds);
      for (let row = 0; row < n; row++) {
        const query = now.users.subarray(row * d, (row + 1) * d);
        let at = row * candidates;
        guide.visit(
          users[row]!,
          (items, count, out) => {
            for (let c = 0; c < count; c++) out[c] = scale * rowProduct(query, now.items, items[c]! * d);
          },
          (items, count, slopes) => {
            for (let c = 0; c < count; c++, at++) {
              ids[at] = BigInt(items[c]!);
              pull[at] = slopes[c]! / n;
            }
          },
        );
      }
      return feeds;
    },
  };
}

/** own · L + Σ pull · score, of the output `scores`. */
export const taughtObjective =
  (objective: Objective, candidates: number): Objective =>
  (g, outputs) => {
    const pull = g.input("pull", "float32", ["taught", candidates]);
    const own = g.mul(g.input("own", "float32", []), objective(g, outputs));
    return g.add(own, g.sum(g.mul(pull, outputs["scores"]!), []));
  };
