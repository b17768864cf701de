// The item side of item-side ranking regularised distillation (IR-RRD, Kang et al., Information Sciences 2021): for each
// item, the student must put the teacher's best users in the teacher's order, above users that the teacher did not list.
// Beside rrd, which ranks the items of each user, it is IR-RRD.

import { z } from "zod";
import { drawRanks } from "../data/rank-draws.ts";
import { relaxedRanking } from "../engine/distil/relaxed-ranking.ts";
import { defineUserLoss } from "../kinds/loss.ts";

export default defineUserLoss({
  name: "ir-rrd",
  summary: "Relaxed permutation likelihood of each item's best users, drawn by rank, over sampled others.",
  options: z.strictObject({
    listed: z.number().int().min(1).max(1000).default(20).describe("K: users per item, drawn from the teacher's best"),
    unlisted: z.number().int().min(1).max(5000).default(20).describe("L: sampled users that the teacher did not list"),
    spread: z
      .number()
      .min(0)
      .max(1e6)
      .default(10)
      .describe("T: draw the K from all of them, rank k by exp(-k / T); 0 takes the first K"),
  }),
  needs: "ranks",
  candidates: ({ listed, unlisted }) => ({ listed, unlisted }),
  pick: ({ items }, { spread }, rng, places) => (spread > 0 ? drawRanks(items.length, spread, rng, places) : undefined),
  lossAndGrad: ({ student, listed }, _options, grad) => relaxedRanking(student, listed, grad),
});
