// The student of few bits: one table of items whose rows have 1 to 4 bits a number and learn as they will ship
// (engine/few-bit-rows.ts). A user is the pool of their history's rows, in full precision, and nothing else ships. It
// learns to complete histories (engine/completion-batch.ts) and from a teacher's lists.
//
//     score_j = q · P_j,  q = pool_{h ∈ H} P_h

import { z } from "zod";
import { rowOf } from "../data/interactions.ts";
import { completionBatch } from "../engine/completion-batch.ts";
import { createFactorTable } from "../engine/distil/factor-table.ts";
import { pooledStart, pooledStarts } from "../engine/distil/pooled-start.ts";
import { shareIn } from "../engine/distil/teaching.ts";
import { fewBitOptions } from "../engine/few-bit-rows.ts";
import { createGuide } from "../engine/guide.ts";
import { type GuideRows, guideRows } from "../engine/guided-rows.ts";
import { halve } from "../engine/halves.ts";
import { poolRow, unpoolRow } from "../engine/pooled-row.ts";
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
      const query = { width: d, d, first: 0, own: items };
      const guide = guidance && createGuide(guidance, train, rng.fork("guide"));
      const visited = guide && guideRows(kernels, scope, guide, { ...table, width: d });
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
            const longer = some.filter((u) => rowOf(train, u).length > 1);
            const halves = Array.from(longer, (u) => halve(rowOf(train, u), keep, draws));
            const completion = { pool, items, negatives, scale: own };
            loss += await completionBatch(kernels, table.rows, table.gradient, d, halves, completion, draws);
          }
          if (visited && share > 0) for (const user of some) loss += visit(user, visited);
          await table.step(learningRate * (1 - step++ / steps), decay);
        }
        progress(epoch + 1, epochs, `loss ${(loss / order.length).toFixed(4)}`);
      }
      return { query: "history", pool, items, tables: { item: table.tables()[0]! } };

      function visit(user: number, guided: GuideRows): number {
        const history = rowOf(train, user);
        const scale = poolScale(pool, history.length);
        poolRow(table.rows, history, scale, query);
        const loss = guided(user, query);
        unpoolRow(table.gradient, history, scale, query);
        return loss;
      }
    } finally {
      scope.free();
    }
  },
});
