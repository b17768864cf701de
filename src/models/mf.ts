// Matrix factorisation by mini-batches of BPR (Rendle et al., UAI 2009) and Adam with L2 on every row: how the
// distillation literature trains its students (arXiv 2012.04357, 2106.08700). Every distillation loss can teach it.
//
//     L = (1 - α) Σ_batch -log σ(u · i - u · j) + α Σ_terms weight · term
//
// With `nested` widths the first sum is taken over the first so many dimensions of all rows, too, one sum for each width
// (Matryoshka representations: Kusupati et al., NeurIPS 2022, arXiv 2205.13147), so that rows can be cut there (`truncate`).
//
// A term over embeddings counts each entity of a batch once, and so does one over candidates. With `visits: once` it does so
// in expectation: it visits a user once an epoch, in one of the batches that hold the user, with as much weight as there are
// such batches. Adam takes one large gradient for less than many small ones, so an epoch teaches less then, for a fraction of
// its cost. With α = 1 and candidates alone nothing is left to say of interactions: an epoch is one pass over the users.

import { z } from "zod";
import { UserError } from "../base/errors.ts";
import type { Rng } from "../base/rng.ts";
import { usersOf } from "../data/interactions.ts";
import { uniformNegatives } from "../data/negatives.ts";
import { type CandidateTerms, candidateTerms } from "../engine/distil/candidate-terms.ts";
import { openEmbeddingTerms } from "../engine/distil/embedding-terms.ts";
import { createFactorTable } from "../engine/distil/factor-table.ts";
import { starts, teacherStart } from "../engine/distil/teacher-start.ts";
import { teacherVectors } from "../engine/distil/teacher-vectors.ts";
import { shareIn } from "../engine/distil/teaching.ts";
import { type Visit, visitAlways, visitEvenly, visitOnce } from "../engine/distil/visits.ts";
import { fewBitOptions } from "../engine/few-bit-rows.ts";
import { termsOf } from "../engine/guide.ts";
import { bprBatch } from "../engine/ranking-batch.ts";
import { turnRows } from "../engine/rotations.ts";
import { defineModel } from "../kinds/model.ts";
import type { Table } from "../tables/table.ts";

/** Of the rows of one side, by batch. */
interface Visits {
  readonly by: CandidateTerms;
  readonly in: readonly (readonly Visit[])[];
}

export default defineModel({
  name: "mf",
  summary: "Matrix factorisation by BPR over mini-batches with Adam; every distillation loss can teach it.",
  options: z.strictObject({
    d: z.number().int().min(1).max(1024).default(20).describe("dimensions"),
    epochs: z
      .number()
      .int()
      .min(0)
      .max(10_000)
      .default(100)
      .describe("passes over the interactions; 0 keeps the start"),
    batch: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(1024)
      .describe("interactions a step; users a step where alpha is 1 and every term is over candidates"),
    learningRate: z.number().positive().max(10).default(1e-3).describe("Adam's step size at the start"),
    finalRate: z.number().min(0).max(1).default(1).describe("share of the step size left at the end (linear)"),
    decay: z.number().min(0).max(10).default(1e-3).describe("L2 on every row in every step"),
    initialScale: z.number().positive().max(10).default(0.01).describe("standard deviation of a random start"),
    nested: z
      .array(z.int().min(1).max(1023))
      .min(1)
      .optional()
      .describe("narrower widths at which the loss of interactions counts, too, so that `truncate` can cut there"),
    start: z
      .enum(starts)
      .default("random")
      .describe("first rows: random, teacher (its best stand-in of d dimensions) or slices (its first d dimensions)"),
    visits: z
      .enum(["once", "always"])
      .default("once")
      .describe("a loss over candidates visits a user once an epoch, or always: in every batch that holds the user"),
    bits: fewBitOptions.optional().describe("few bits a number: rows learn as they will ship; without, float32"),
  }),
  guided: ["candidates", "users", "embeddings"],
  async fit(train, options, { kernels, runtime, rng, guidance, progress }) {
    const { d, epochs, batch, learningRate, finalRate, decay } = options;
    const widths = [...new Set(options.nested), d].sort((a, b) => a - b);
    if (widths.at(-2)! >= d || widths.at(-1) !== d) {
      throw new UserError(`mf: nested widths must be below d = ${d}, got ${options.nested}; leave out what is not.`);
    }
    const scope = kernels.scope();
    const { users, items } = train;
    try {
      const table = createFactorTable(
        kernels,
        scope,
        [
          { rows: users, bits: options.bits },
          { rows: items, bits: options.bits },
        ],
        d,
      );
      await table.start(fillStart);
      const over = (sees: "candidates" | "users", name: string) =>
        guidance && termsOf(guidance, sees).length > 0
          ? candidateTerms(kernels, scope, guidance, train, table, d, rng.fork(name), sees)
          : undefined;
      const latent = guidance ? termsOf(guidance, "embeddings") : [];
      const terms =
        guidance && latent.length > 0
          ? openEmbeddingTerms(
              latent,
              teacherVectors(guidance.teacher, train, (why) => {
                const asker = latent.map(({ loss }) => loss.name).join(", ");
                return `${asker} compares embeddings, and the teacher ${why}; use losses over candidates, such as rrd.`;
              }),
              table,
              { user: batch, item: 2 * batch },
              { train, kernels, scope, runtime, rng: rng.fork("terms"), learningRate, decay },
            )
          : undefined;
      const negative = uniformNegatives(train);
      const userOf = usersOf(train);
      const order = Int32Array.from(userOf.keys());
      const visiting = options.visits === "once" ? visitOnce : visitAlways;
      const taught = [
        { by: over("candidates", "guide"), rows: users, drawn: visiting(users, userOf, batch) },
        { by: over("users", "guide of items"), rows: items, drawn: visiting(items, train.indices, batch) },
      ];
      try {
        for (let epoch = 0; epoch < epochs; epoch++) {
          const draws = rng.fork(`epoch ${epoch}`);
          const rate = learningRate * (1 - (1 - finalRate) * (epoch / epochs));
          const share = shareIn(guidance, epoch);
          const candidatesAlone = share === 1 && !terms;
          const batches = Math.ceil((candidatesAlone ? users : order.length) / batch);
          if (!candidatesAlone) draws.shuffle(order);
          const visits: Visits[] = [];
          for (const { by, rows, drawn } of taught) {
            if (!by || share === 0) continue;
            by.enter(epoch, epochs);
            visits.push({ by, in: candidatesAlone ? visitEvenly(rows, batches, draws) : drawn(order, draws) });
          }
          let loss = 0;
          for (let b = 0; b < batches; b++) {
            const pairs = order.subarray(b * batch, (b + 1) * batch);
            if (!candidatesAlone) loss += await pairStep(pairs, draws, share, epoch / epochs);
            for (const { by, in: some } of visits) for (const [row, times] of some[b]!) loss += by.visit(row, times);
            await table.step(rate, decay);
          }
          progress(epoch + 1, epochs, `loss ${(loss / order.length).toFixed(4)}`);
        }
      } finally {
        await terms?.close();
      }
      const [user, item] = table.tables() as [Table, Table];
      return { query: "user", pool: "sum", items, tables: { user, item } };

      async function fillStart(rows: Float32Array): Promise<void> {
        if (options.start === "random") {
          const start = rng.fork("start");
          for (let i = 0; i < rows.length; i++) rows[i] = start.normal() * options.initialScale;
          return;
        }
        const { user, item } = await teacherStart(kernels, guidance, train, d, options.start);
        rows.set(user);
        rows.set(item, users * d);
        // The leading dimensions are the large ones: turned, all are alike, as levels with one scale a row want them.
        if (options.bits) await turnRows(kernels, rows, d, rng.fork("turn"));
      }

      /** The interactions' own loss and the terms over embeddings, for the interactions at `pairs`. */
      async function pairStep(pairs: Int32Array, draws: Rng, share: number, done: number): Promise<number> {
        const user = pairs.map((at) => userOf[at]!);
        const item = pairs.map((at) => users + train.indices[at]!);
        const other = user.map((u) => users + Math.max(0, negative(u, draws)));
        const loss = bprBatch(table.rows, table.gradient, d, { user, item, other }, 1 - share, widths);
        if (!terms || share === 0) return loss;
        const entities = new Int32Array(2 * pairs.length);
        entities.set(item);
        entities.set(other, pairs.length);
        return loss + (await terms.step({ user, item: entities }, share, done));
      }
    } finally {
      scope.free();
    }
  },
});
