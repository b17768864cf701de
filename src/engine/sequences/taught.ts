// A next-item model's lessons: at the last place of every sequence of a batch the guide looks at the state's scores and says
// how each should move. The training step then takes Σ pull · score into its objective, whose gradient is the loss's.
//
// Scores are of the state without dropout, the gradient passes through the state with it.

import type { Rng } from "../../base/rng.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import { shareIn } from "../distil/teaching.ts";
import { createGuide, termsOf } from "../guide.ts";
import { rowProduct } from "../row-product.ts";
import type { EmbeddingTable } from "../tables/embedding-table.ts";
import type { Feeds, Trainer } from "../training/trainer.ts";
import type { SequenceBatch } from "./batches.ts";

export interface Lessons {
  /** Of one sequence, over all terms. */
  readonly candidates: number;
  enter(epoch: number, epochs: number): void;
  /** `feeds` with what the teacher says of the batch. */
  teach(
    batch: Pick<SequenceBatch, "users">,
    feeds: Feeds,
    trainer: Pick<Trainer, "predict">,
    items: EmbeddingTable,
  ): Promise<Feeds>;
}

export function sequenceLessons(guidance: Guidance, data: Interactions, d: number, rng: Rng): Lessons {
  const guide = createGuide(guidance, data, rng);
  const candidates = guide.mostCandidates * termsOf(guidance, "candidates").length;
  let share = shareIn(guidance, 0);
  const scalar = (value: number): RunTensor => ({ dtype: "float32", dims: [], data: Float32Array.of(value) });
  return {
    candidates,
    enter(epoch, epochs) {
      guide.enter(epoch, epochs);
      share = shareIn(guidance, epoch);
    },
    async teach({ users }, feeds, trainer, items) {
      const dims = [users.length, candidates];
      const ids = new BigInt64Array(users.length * candidates);
      const pull = new Float32Array(users.length * candidates);
      const lesson: Feeds = {
        ...feeds,
        candidates: { dtype: "int64", dims, data: ids },
        pull: { dtype: "float32", dims, data: pull },
        own: scalar(1 - share),
      };
      if (share === 0) return lesson;
      const queries = (await trainer.predict(lesson))["query"]!.data as Float32Array;
      const rows = items.table();
      for (const [b, user] of users.entries()) {
        const query = queries.subarray(b * d, (b + 1) * d);
        let at = b * candidates;
        guide.visit(
          user,
          (some, n, out) => {
            for (let c = 0; c < n; c++) out[c] = rowProduct(query, rows, some[c]! * d);
          },
          (some, n, slopes) => {
            for (let c = 0; c < n; c++, at++) {
              ids[at] = BigInt(some[c]!);
              pull[at] = slopes[c]! / users.length;
            }
          },
        );
      }
      return lesson;
    },
  };
}
