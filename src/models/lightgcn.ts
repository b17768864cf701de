// LightGCN: embeddings smoothed over the user-item graph, no weights, no non-linearity (He et al., SIGIR 2020,
// arXiv 2002.02126), trained whole-graph with Adam on BPR (as published) or on sampled softmax (Wu et al.,
// arXiv 2201.02327), which converges in far fewer epochs.

import { z } from "zod";
import type { Rng } from "../base/rng.ts";
import { type Interactions, usersOf } from "../data/interactions.ts";
import { type NegativeSampler, popularityNegatives, uniformNegatives } from "../data/negatives.ts";
import { createGraphSteps } from "../engine/graph-steps.ts";
import { bprBatch, softmaxBatch } from "../engine/ranking-batch.ts";
import { defineModel } from "../kinds/model.ts";
import { f32Table } from "../tables/table.ts";

export default defineModel({
  name: "lightgcn",
  summary: "Linear graph convolution over the interactions, trained by BPR or sampled softmax.",
  options: z.strictObject({
    d: z.number().int().min(1).max(1024).default(64).describe("dimensions of the embeddings"),
    layers: z.number().int().min(0).max(8).default(3).describe("propagations; 0 is plain matrix factorisation"),
    loss: z.enum(["softmax", "bpr"]).default("softmax").describe("sampled softmax over shared negatives, or BPR"),
    epochs: z.number().int().min(1).max(10_000).default(15).describe("passes over the interactions"),
    batch: z.number().int().min(1).max(1_000_000).default(8192).describe("interactions a step"),
    negatives: z.number().int().min(1).max(65_536).default(1024).describe("shared sampled items a step (softmax)"),
    popularityPower: z
      .number()
      .min(0)
      .max(2)
      .default(0)
      .describe("negatives are drawn by popularity to this power; 0 draws all items alike"),
    temperature: z.number().min(1e-3).max(100).default(0.1).describe("softmax temperature"),
    cosine: z.boolean().default(true).describe("softmax on normalised embeddings"),
    normPower: z
      .number()
      .min(0)
      .max(1)
      .default(0.3)
      .describe("power of an item's length in its score after cosine training: 0 ranks by cosine, 1 by dot product"),
    learningRate: z.number().positive().max(10).default(0.03).describe("Adam's step size"),
    finalRate: z.number().min(0).max(1).default(0.02).describe("share of the step size left at the end (linear)"),
    decay: z.number().min(0).max(1).default(0.01).describe("L2 on the unsmoothed rows of a batch"),
    initialScale: z.number().positive().max(10).default(0.1).describe("standard deviation at start"),
  }),
  guided: [],
  // Ē = 1/(L+1) Σ_l Â^l E,  Â = D^-½ A D^-½;   ∂L/∂E = 1/(L+1) Σ_l Â^l ∂L/∂Ē  (Â is symmetric)
  async fit(train, options, { kernels, rng, progress }) {
    const { d, layers, epochs, batch, negatives, popularityPower, learningRate, finalRate, decay, initialScale } =
      options;
    const scope = kernels.scope();
    try {
      const pairs = { user: usersOf(train), item: train.indices };
      const sample = popularityPower === 0 ? uniformNegatives(train) : popularityNegatives(train, popularityPower);
      const order = Uint32Array.from({ length: pairs.user.length }, (_, e) => e);
      const most = Math.min(batch, order.length);
      const perUser = options.loss === "bpr" ? most : negatives;
      const mostRows = 2 * most + perUser;
      const steps = createGraphSteps(kernels, scope, train, { d, layers, decay, mostRows });
      const { embeddings } = steps;
      const start = rng.fork("start");
      for (let i = 0; i < embeddings.length; i++) embeddings[i] = start.normal() * initialScale;
      const [userRows, itemRows, others] = [new Int32Array(most), new Int32Array(most), new Int32Array(perUser)];
      for (let epoch = 0; epoch < epochs; epoch++) {
        const draws = rng.fork(`epoch ${epoch}`);
        const rate = learningRate * (1 - (1 - finalRate) * (epoch / epochs));
        draws.shuffle(order);
        let loss = 0;
        for (let from = 0; from < order.length; from += batch) {
          const n = Math.min(batch, order.length - from);
          for (let t = 0; t < n; t++) {
            userRows[t] = pairs.user[order[from + t]!]!;
            itemRows[t] = train.users + pairs.item[order[from + t]!]!;
          }
          const count = options.loss === "bpr" ? n : negatives;
          drawNegatives(others.subarray(0, count), userRows.subarray(0, n), train, sample, draws);
          const nodes = {
            user: userRows.subarray(0, n),
            item: itemRows.subarray(0, n),
            other: others.subarray(0, count),
          };
          const value = await steps.step(nodes, rate, (table, gradient, rows) =>
            options.loss === "bpr"
              ? bprBatch(table, gradient, d, rows)
              : softmaxBatch(kernels, table, gradient, d, rows, options),
          );
          loss += value * n;
        }
        progress(epoch + 1, epochs, `loss ${(loss / order.length).toFixed(4)}`);
      }
      const smooth = await steps.smoothed();
      const split = train.users * d;
      if (options.loss === "softmax" && options.cosine) rescaleRows(smooth, d, split, options.normPower);
      return {
        query: "user",
        pool: "sum",
        items: train.items,
        tables: {
          user: f32Table(train.users, d, smooth.slice(0, split)),
          item: f32Table(train.items, d, smooth.slice(split)),
        },
      };
    } finally {
      scope.free();
    }
  },
});

/** Negatives as node numbers: entry t was not taken by users[t mod length]. */
function drawNegatives(
  out: Int32Array,
  users: Int32Array,
  train: Interactions,
  sample: NegativeSampler,
  rng: Rng,
): void {
  for (let t = 0; t < out.length; t++) {
    // A user who took everything has no negative; any item will do, for nothing is left to rank for them.
    out[t] = train.users + Math.max(0, sample(users[t % users.length]!, rng));
  }
}

/**
 * Gives the item rows (from `from` on) length |v|^power. Cosine training leaves popularity in the lengths alone: without
 * it (0) the head is lost, with all of it (1) the tail. The users' lengths do not change their ranking.
 */
function rescaleRows(table: Float32Array, d: number, from: number, power: number): void {
  for (let at = from; at < table.length; at += d) {
    let sum = 0;
    for (let x = at; x < at + d; x++) sum += table[x]! * table[x]!;
    const scale = sum > 0 ? Math.sqrt(sum) ** (power - 1) : 0;
    for (let x = at; x < at + d; x++) table[x]! *= scale;
  }
}
