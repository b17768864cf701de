// Relaxed ranking distillation: the student must put the teacher's best items in the teacher's order, above items that
// the teacher did not list, whose own order does not matter (DE-RRD, Kang et al. CIKM 2020, arXiv 2012.04357; listed
// items are the teacher's top K as they are, which the authors' 2023 note found better than drawing them; `spread` draws).

import { z } from "zod";
import { drawRanks } from "../data/rank-draws.ts";
import { relaxedRanking } from "../engine/distil/relaxed-ranking.ts";
import { defineLoss } from "../kinds/loss.ts";

export default defineLoss({
  name: "rrd",
  summary: "Relaxed permutation likelihood of the teacher's top K, in order, over sampled uninteresting items.",
  options: z.strictObject({
    listed: z.number().int().min(1).max(1000).default(40).describe("K: teacher items per user, best first"),
    unlisted: z.number().int().min(1).max(5000).default(40).describe("L: sampled items that the teacher did not list"),
    spread: z
      .number()
      .min(0)
      .max(1e6)
      .default(0)
      .describe("T: draw the K from the whole list, rank k by exp(-k / T); 0 takes the first K"),
  }),
  needs: "ranks",
  candidates: ({ listed, unlisted }) => ({ listed, unlisted }),
  pick: ({ items }, { spread }, rng, places) => (spread > 0 ? drawRanks(items.length, spread, rng, places) : undefined),
  lossAndGrad: ({ student, listed }, _options, grad) => relaxedRanking(student, listed, grad),
});
