// Unbiased distillation (UnKD, Chen et al., WSDM 2023, arXiv 2211.14729): pairs of the teacher's ranking are drawn within
// groups of like popularity, so that the teacher's preference for popular items is not what the student learns.

import { z } from "zod";
import { sigmoid, softplus } from "../base/logistic.ts";
import { drawRank } from "../data/rank-draws.ts";
import { defineLoss } from "../kinds/loss.ts";

const ATTEMPTS = 1000;

export default defineLoss({
  name: "unkd",
  summary: "Pairs of the teacher's ranking, drawn within groups of like popularity.",
  options: z.strictObject({
    pairs: z.number().int().min(1).max(1000).default(30).describe("pairs per user, the groups' shares alike"),
    groups: z.number().int().min(1).max(100).default(4).describe("groups of items with equal shares of interactions"),
    spread: z.number().positive().max(1e6).default(20).describe("scale of the drawn ranks within a group"),
  }),
  needs: "ranks",
  candidates: ({ pairs }) => ({ listed: 2 * pairs, unlisted: 0 }),
  /** The better of each pair first, then the worse in the same order. */
  pick({ items, groups: groupsOf }, { groups, spread }, rng, places) {
    const of = groupsOf(groups);
    const members = Array.from({ length: groups }, (): number[] => []);
    for (const [rank, item] of items.entries()) members[of[item]!]!.push(rank);
    const able = members.filter((ranks) => ranks.length > 1);
    if (able.length === 0) return 0;
    const pairs = Math.floor(places.length / 2);
    for (let p = 0; p < pairs; p++) {
      const ranks = able[p % able.length]!;
      let [a, b] = [0, 0];
      for (let attempt = 0; a === b && attempt < ATTEMPTS; attempt++)
        [a, b] = [drawRank(ranks.length, spread, rng), drawRank(ranks.length, spread, rng)];
      // A spread far below a rank draws the best one over and over.
      if (a === b) [a, b] = [0, 1];
      places[p] = ranks[Math.min(a, b)]!;
      places[pairs + p] = ranks[Math.max(a, b)]!;
    }
    return 2 * pairs;
  },
  // L = mean over pairs of -log σ(r_better - r_worse)
  lossAndGrad({ student, listed }, _options, grad) {
    const pairs = Math.floor(listed / 2);
    let loss = 0;
    for (let p = 0; p < pairs; p++) {
      const x = student[p]! - student[pairs + p]!;
      loss += softplus(-x) / pairs;
      const slope = sigmoid(-x) / pairs;
      grad[p]! -= slope;
      grad[pairs + p]! += slope;
    }
    return loss;
  },
});
