// What a guide says of a batch whose scores are products of vectors: candidates of every query, and how each of their scores
// should move. A training step takes Σ pull · score into its objective, whose gradient is the loss's.

import type { Rng } from "../base/rng.ts";
import type { Interactions } from "../data/interactions.ts";
import type { Guidance } from "../kinds/guidance.ts";
import { shareIn } from "./distil/teaching.ts";
import { createGuide, termsOf } from "./guide.ts";
import type { Feeds } from "./training/trainer.ts";

/** Vectors of d numbers, one after the other. */
export interface Vectors {
  readonly queries: Float32Array;
  /** Of all items. */
  readonly items: Float32Array;
}

export interface Lessons {
  /** Of one query, over all terms. */
  readonly candidates: number;
  enter(epoch: number, epochs: number): void;
  /** Inputs `candidates` and `pull` [n, candidates] and `own`, the share of the model's own loss; they say nothing. */
  blank(n: number): Feeds;
  /** As blank for `users`, filled by their scores; their vectors are only asked for where the teacher has a say. */
  teach(users: Int32Array, vectors: (blank: Feeds) => Promise<Vectors>): Promise<Feeds>;
}

/** Scores are products of vectors of `d` numbers times `scale`. */
export function openLessons(
  guidance: Guidance,
  data: Interactions,
  { d, scale, rng }: { readonly d: number; readonly scale: number; readonly rng: Rng },
): Lessons {
  const guide = createGuide(guidance, data, rng);
  const candidates = guide.mostCandidates * termsOf(guidance, "candidates").length;
  let share = shareIn(guidance, 0);
  const made = (n: number) => {
    const dims = [n, candidates];
    const [ids, pull] = [new BigInt64Array(n * candidates), new Float32Array(n * candidates)];
    const feeds: Feeds = {
      candidates: { dtype: "int64", dims, data: ids },
      pull: { dtype: "float32", dims, data: pull },
      own: { dtype: "float32", dims: [], data: Float32Array.of(1 - share) },
    };
    return { ids, pull, feeds };
  };
  return {
    candidates,
    enter(epoch, epochs) {
      guide.enter(epoch, epochs);
      share = shareIn(guidance, epoch);
    },
    blank: (n) => made(n).feeds,
    async teach(users, vectors) {
      const { ids, pull, feeds } = made(users.length);
      if (share === 0) return feeds;
      const { queries, items } = await vectors(feeds);
      for (const [row, user] of users.entries()) {
        const query = queries.subarray(row * d, (row + 1) * d);
        let at = row * candidates;
        guide.visit(
          user,
          (some, n, out) => {
            for (let c = 0; c < n; c++) out[c] = scale * product(query, items, some[c]! * d);
          },
          (some, n, slopes) => {
            for (let c = 0; c < n; c++, at++) {
              ids[at] = BigInt(some[c]!);
              pull[at] = slopes[c]! / users.length;
            }
          },
        );
      }
      return feeds;
    },
  };
}

/** query · rows[from …), `from` counted in numbers. */
function product(query: Float32Array, rows: Float32Array, from: number): number {
  let sum = 0;
  for (let x = 0; x < query.length; x++) sum += query[x]! * rows[from + x]!;
  return sum;
}
