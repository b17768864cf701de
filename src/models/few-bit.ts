// The student of few bits: one table of items whose rows have 1 to 4 bits a number and learn as they will ship
// (engine/few-bit-rows.ts). A user is the pool of their history's rows, in full precision, and nothing else ships. It
// learns to complete histories (engine/completion-batch.ts) and from a teacher's lists.
//
//     score_j = q · P_j,  q = pool_{h ∈ H} P_h

import { z } from "zod";
import type { Rng } from "../base/rng.ts";
import { rowOf } from "../data/interactions.ts";
import { completionBatch, type Halves } from "../engine/completion-batch.ts";
import { createFactorTable } from "../engine/distil/factor-table.ts";
import { pooledStart, pooledStarts } from "../engine/distil/pooled-start.ts";
import { shareIn } from "../engine/distil/teaching.ts";
import { fewBitOptions } from "../engine/few-bit-rows.ts";
import { createGuide, type Guide } from "../engine/guide.ts";
import { pullCandidates, scoreCandidates } from "../kernels/candidates.ts";
import { defineModel } from "../kinds/model.ts";
import { poolScale } from "../recommender/recommender.ts";

export default defineModel({
  name: "few-bit",
  summary: "Item rows of 1 to 4 bits a number that learn as they ship; users are pooled from their histories.",
  options: fewBitOptions.extend({
    d: z.number().int().min(1).max(4096).default(256).describe("dimensions"),
    start: z
      .enum(pooledStarts)
      .default("signatures")
      .describe("first rows: signatures of who took an item, or the teacher's rows of items, of length 1"),
    pool: z.enum(["sum", "mean", "sqrt"]).default("sqrt").describe("how the history's rows are pooled"),
    epochs: z.number().int().min(0).max(10_000).default(30).describe("passes over the users; 0 keeps the start"),
    batch: z.number().int().min(1).max(100_000).default(256).describe("users a step"),
    learningRate: z.number().positive().max(10).default(0.004).describe("Adam's step size at first; it falls to 0"),
    decay: z.number().min(0).max(10).default(0).describe("L2 on every row in every step"),
    negatives: z.number().int().min(1).max(1_000_000).default(1000).describe("items drawn for a batch's own loss"),
    keep: z.number().gt(0).lt(1).default(0.5).describe("share of a history from which its own loss predicts the rest"),
  }),
  guided: ["candidates"],
  async fit(train, options, { kernels, rng, guidance, progress }) {
    const { d, pool, epochs, batch, learningRate, decay, negatives, keep } = options;
    const { users, items } = train;
    const scope = kernels.scope();
    try {
      // After the items one row for the query of whoever is visited.
      const table = createFactorTable(kernels, scope, [{ rows: items, bits: options }, { rows: 1 }], d);
      const start = { from: options.start, d, pool, rng: rng.fork("start") };
      await table.start(async (rows) => rows.set(await pooledStart(kernels, train, guidance?.teacher, start)));
      const [query, pull] = [table.rows, table.gradient].map((all) => all.subarray(items * d)) as [
        Float32Array,
        Float32Array,
      ];
      const guide = guidance && createGuide(guidance, train, rng.fork("guide"));
      const most = guide?.mostCandidates ?? 0;
      const [ids, scores] = [scope.i32(most), scope.f32(most)];
      const order = Int32Array.from({ length: users }, (_, u) => u).filter((u) => rowOf(train, u).length > 0);
      const steps = epochs * Math.ceil(order.length / batch);
      let step = 0;
      for (let epoch = 0; epoch < epochs; epoch++) {
        const draws = rng.fork(`epoch ${epoch}`);
        draws.shuffle(order);
        const share = shareIn(guidance, epoch);
        const own = 1 - share;
        guide?.enter(epoch, epochs);
        let loss = 0;
        for (let from = 0; from < order.length; from += batch) {
          const some = order.subarray(from, from + batch);
          if (own > 0) {
            const halves = Array.from(some, (u) => halve(rowOf(train, u), keep, draws)).filter(
              (two) => two !== undefined,
            );
            const completion = { pool, items, negatives, scale: own };
            loss += await completionBatch(kernels, table.rows, table.gradient, d, halves, completion, draws);
          }
          if (guide && share > 0) for (const user of some) loss += visit(user, guide);
          await table.step(learningRate * (1 - step++ / steps), decay);
        }
        progress(epoch + 1, epochs, `loss ${(loss / order.length).toFixed(4)}`);
      }
      return { query: "history", pool, items, tables: { item: table.tables()[0]! } };

      function visit(user: number, terms: Guide): number {
        const history = rowOf(train, user);
        const scale = poolScale(pool, history.length);
        query.fill(0);
        for (const h of history) for (let x = 0; x < d; x++) query[x]! += scale * table.rows[h * d + x]!;
        const against = (candidates: Int32Array, n: number) => {
          const some = ids.subarray(0, n);
          some.set(candidates.subarray(0, n));
          return { table: table.rows, width: d, own: items, first: 0, ids: some };
        };
        const loss = terms.visit(
          user,
          (candidates, n, out) => {
            scoreCandidates(kernels, against(candidates, n), scores);
            out.set(scores.subarray(0, n));
          },
          (candidates, n, slopes) => {
            scores.set(slopes.subarray(0, n));
            pullCandidates(kernels, against(candidates, n), scores, table.gradient);
          },
        );
        for (const h of history) for (let x = 0; x < d; x++) table.gradient[h * d + x]! += scale * pull[x]!;
        pull.fill(0);
        return loss;
      }
    } finally {
      scope.free();
    }
  },
});

/** A history at random in two, about `keep` of it in the first part; undefined where there is nothing to divide. */
function halve(history: Int32Array, keep: number, draws: Rng): Halves | undefined {
  if (history.length < 2) return undefined;
  const shuffled = draws.shuffle(history.slice());
  const count = Math.min(history.length - 1, Math.max(1, Math.round(keep * history.length)));
  return { kept: shuffled.subarray(0, count), held: shuffled.subarray(count) };
}
