// Two factor models, a wide and a narrow one, that learn together and teach each other (bidirectional distillation, BD,
// Kwon et al., WWW 2021, arXiv 2106.02870); one of them is what is fitted. For a pair (u, i) each draws an item j on which
// the two disagree, its negative and what it is taught of at once:
//
//     L = -log σ(u·i - u·j) + weight · BCE(u·j, σ(the other's score of j / T)),  -log σ alone in the first epochs

import { z } from "zod";
import { sigmoid, softplus } from "../base/logistic.ts";
import type { Rng } from "../base/rng.ts";
import { usersOf } from "../data/interactions.ts";
import { uniformNegatives } from "../data/negatives.ts";
import { createFactorTable, type FactorTable } from "../engine/distil/factor-table.ts";
import { drawDiscrepant, type Way } from "../engine/distil/mutual.ts";
import { bprBatch } from "../engine/ranking-batch.ts";
import { defineModel } from "../kinds/model.ts";
import type { Table } from "../tables/table.ts";

/** One of the two. */
interface Learner {
  readonly table: FactorTable;
  readonly d: number;
}

export default defineModel({
  name: "mutual-mf",
  summary: "A narrow and a wide factor model that learn together, each taught what the other ranks differently (BD).",
  options: z.strictObject({
    d: z.number().int().min(1).max(1024).default(20).describe("dimensions of the narrow model"),
    wide: z.number().int().min(1).max(1024).default(200).describe("dimensions of the wide model"),
    gives: z.enum(["narrow", "wide"]).default("narrow").describe("which of the two is the model"),
    epochs: z.number().int().min(1).max(10_000).default(100).describe("passes over the interactions"),
    alone: z.number().int().min(0).max(10_000).default(20).describe("first epochs, in which neither teaches"),
    weight: z.number().min(0).max(100).default(0.5).describe("of what the other says, beside the interactions"),
    temperature: z.number().min(1e-3).max(1e3).default(5).describe("T: divides the other's scores"),
    considered: z
      .number()
      .int()
      .min(2)
      .max(1000)
      .default(20)
      .describe("items a pair among which disagreement is sought"),
    batch: z.number().int().min(1).max(1_000_000).default(1024).describe("interactions a step"),
    learningRate: z.number().positive().max(10).default(1e-3).describe("Adam's step size"),
    decay: z.number().min(0).max(10).default(1e-3).describe("L2 on every row in every step"),
    initialScale: z.number().positive().max(10).default(0.01).describe("standard deviation at start"),
  }),
  guided: [],
  async fit(train, options, { kernels, rng, progress }) {
    const { epochs, alone, weight, temperature, considered, batch, learningRate, decay } = options;
    const scope = kernels.scope();
    const { users, items } = train;
    const learner = async (name: string, d: number): Promise<Learner> => {
      const table = createFactorTable(kernels, scope, [{ rows: users }, { rows: items }], d);
      const start = rng.fork(name);
      await table.start((rows) => {
        for (let i = 0; i < rows.length; i++) rows[i] = start.normal() * options.initialScale;
      });
      return { table, d };
    };
    try {
      const both = { narrow: await learner("narrow", options.d), wide: await learner("wide", options.wide) };
      const negative = uniformNegatives(train);
      const userOf = usersOf(train);
      const order = Int32Array.from(userOf.keys());
      const drawn = new Int32Array(considered);
      const scores = { narrow: new Float64Array(considered), wide: new Float64Array(considered) };
      for (let epoch = 0; epoch < epochs; epoch++) {
        const draws = rng.fork(`epoch ${epoch}`);
        draws.shuffle(order);
        let loss = 0;
        for (let from = 0; from < order.length; from += batch) {
          const pairs = order.subarray(from, from + batch);
          const user = pairs.map((at) => userOf[at]!);
          const item = pairs.map((at) => users + train.indices[at]!);
          for (const to of ["narrow", "wide"] as const) {
            const { table, d } = both[to];
            const other = user.map(
              (u) => users + (epoch < alone ? Math.max(0, negative(u, draws)) : differing(u, to, draws)),
            );
            const own = bprBatch(table.rows, table.gradient, d, { user, item, other }, 1);
            const told = epoch < alone ? 0 : teach(to, user, other);
            if (to === options.gives) loss += own + told;
          }
          for (const { table } of Object.values(both)) await table.step(learningRate, decay);
        }
        progress(epoch + 1, epochs, `loss ${(loss / order.length).toFixed(4)}`);
      }
      const [user, item] = both[options.gives].table.tables() as [Table, Table];
      return { query: "user", pool: "sum", items, tables: { user, item } };

      /** An item that `user` has not taken and on which the two disagree. */
      function differing(user: number, to: Way, draws: Rng): number {
        for (let c = 0; c < considered; c++) {
          drawn[c] = Math.max(0, negative(user, draws));
          for (const way of ["narrow", "wide"] as const) scores[way][c] = score(both[way], user, users + drawn[c]!);
        }
        return drawn[drawDiscrepant(scores.wide, scores.narrow, items, to, draws)]!;
      }

      /** Adds the gradient of what `to` is told of `other`, an item a pair; returns the loss. */
      function teach(to: Way, user: Int32Array, other: Int32Array): number {
        const { table, d } = both[to];
        const teacher = both[to === "narrow" ? "wide" : "narrow"];
        let loss = 0;
        for (let t = 0; t < user.length; t++) {
          const [u, j] = [user[t]! * d, other[t]! * d];
          const x = score(both[to], user[t]!, other[t]!);
          const q = sigmoid(score(teacher, user[t]!, other[t]!) / temperature);
          loss += weight * (softplus(x) - q * x);
          const slope = weight * (sigmoid(x) - q);
          for (let c = 0; c < d; c++) {
            table.gradient[u + c]! += slope * table.rows[j + c]!;
            table.gradient[j + c]! += slope * table.rows[u + c]!;
          }
        }
        return loss;
      }
    } finally {
      scope.free();
    }
  },
});

function score({ table: { rows }, d }: Learner, user: number, node: number): number {
  let sum = 0;
  for (let c = 0; c < d; c++) sum += rows[user * d + c]! * rows[node * d + c]!;
  return sum;
}
