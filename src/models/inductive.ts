// The low-rank inductive student: a user is the pool of the items in their history, so there is no user table, nothing
// to retrain for a new user and nothing personal in the artifact. It starts from the best rank-d stand-in for its
// teacher and learns on by row-wise Adagrad from the teacher's lists and from held-out parts of the histories.

import { z } from "zod";
import type { Rng } from "../base/rng.ts";
import { rowOf } from "../data/interactions.ts";
import { shareIn } from "../engine/distil/teaching.ts";
import { createGuide } from "../engine/guide.ts";
import { linearStart } from "../engine/linear-start.ts";
import { createPooledFactors } from "../engine/pooled-factors.ts";
import { defineModel } from "../kinds/model.ts";
import { f32Table } from "../tables/table.ts";

export default defineModel({
  name: "inductive",
  summary: "Low-rank student whose user vector is pooled from the history; no user table.",
  options: z.strictObject({
    d: z.number().int().min(1).max(512).default(32).describe("dimensions"),
    tied: z.boolean().default(false).describe("one item table in both roles, with a gain an item: half the bytes"),
    pool: z.enum(["sum", "mean", "sqrt"]).default("sum").describe("how the history's rows are pooled"),
    epochs: z.number().int().min(0).max(1000).default(10).describe("passes over the users; 0 keeps the start"),
    learningRate: z.number().positive().max(10).default(0.004).describe("row-wise Adagrad's step size"),
    negatives: z.number().int().min(1).max(10_000).default(100).describe("sampled items a user in its own loss"),
    heldOut: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.3)
      .describe("share of a history that its own loss predicts from the rest"),
  }),
  guided: ["candidates"],
  // q = pool_{h∈H} P_h;  score_j = gain_j (q · Q_j)
  // own loss of a user: -mean_{t∈T} log softmax(score_t over T ∪ negatives), H without T as input
  async fit(train, options, { kernels, rng, guidance, progress }) {
    const { d, tied, pool, epochs, negatives, heldOut } = options;
    const start = await linearStart(kernels, train, d, rng.fork("start"), guidance?.teacher);
    const student = await createPooledFactors(kernels, start, train, options);
    const guide = guidance && createGuide(guidance, train, rng.fork("guide"));
    const order = Int32Array.from({ length: train.users }, (_, u) => u);
    for (let epoch = 0; epoch < epochs; epoch++) {
      const draws = rng.fork(`epoch ${epoch}`);
      const share = shareIn(guidance, epoch);
      const own = 1 - share;
      guide?.enter(epoch, epochs);
      let loss = 0;
      for (const user of draws.shuffle(order)) {
        const history = rowOf(train, user);
        if (own > 0 && history.length > 1) loss += ownStep(history, own, draws);
        if (guide && share > 0 && history.length > 0) {
          student.enter(history);
          loss += guide.visit(user, student.score, student.apply);
          student.leave();
        }
      }
      progress(epoch + 1, epochs, `loss ${(loss / train.users).toFixed(4)}`);
    }
    const table = (data: Float32Array) => f32Table(train.items, d, data);
    return {
      query: "history",
      pool,
      items: train.items,
      tables: tied
        ? { item: table(student.output), gain: f32Table(1, train.items, student.gain) }
        : { history: table(student.input), item: table(student.output) },
    };

    function ownStep(history: Int32Array, own: number, draws: Rng): number {
      const shuffled = draws.shuffle(history.slice());
      const targets = Math.max(1, Math.round(history.length * heldOut));
      const items = new Int32Array(targets + negatives);
      items.set(shuffled.subarray(0, targets));
      const taken = new Set(history);
      let n = targets;
      for (let t = 0; t < negatives; t++) {
        const item = draws.below(train.items);
        if (!taken.has(item)) items[n++] = item;
      }
      const scores = new Float32Array(n);
      student.enter(shuffled.subarray(targets));
      student.score(items, n, scores);
      const max = scores.reduce((a, b) => Math.max(a, b));
      let sum = 0;
      for (const score of scores) sum += Math.exp(score - max);
      const log = max + Math.log(sum);
      let loss = 0;
      for (let t = 0; t < targets; t++) loss += (log - scores[t]!) / targets;
      const grad = scores.map((score, c) => own * (Math.exp(score - log) - (c < targets ? 1 / targets : 0)));
      student.apply(items, n, grad);
      student.leave();
      return own * loss;
    }
  },
});
