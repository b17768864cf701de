// BPR-MF: matrix factorisation by Bayesian personalised ranking (Rendle et al., UAI 2009, arXiv 1205.2618), stochastic
// gradient steps on random triples in a kernel. As a student it takes a distillation step a user after each epoch.

import { z } from "zod";
import { usersOf } from "../data/interactions.ts";
import { shareIn } from "../engine/distil/teaching.ts";
import { createGuide } from "../engine/guide.ts";
import { bprEpoch } from "../kernels/bpr.ts";
import { defineModel } from "../kinds/model.ts";
import { f32Table } from "../tables/table.ts";

export default defineModel({
  name: "bpr-mf",
  summary: "Matrix factorisation trained to rank taken items over others.",
  options: z.strictObject({
    d: z.number().int().min(1).max(1024).default(64).describe("dimensions of the factors"),
    epochs: z.number().int().min(1).max(10_000).default(100).describe("passes of as many triples as interactions"),
    learningRate: z.number().positive().max(10).default(0.1).describe("step size at the start"),
    finalRate: z.number().min(0).max(1).default(0.01).describe("share of the step size left at the end (linear)"),
    decay: z.number().min(0).max(1).default(0.005).describe("L2 decay of the rows that a triple touches"),
    initialScale: z.number().positive().max(10).default(0.1).describe("standard deviation of the factors at start"),
  }),
  guided: ["candidates"],
  // x = u·(i - j);  u += η (σ(-x)(i - j) - λu), i += η (σ(-x)u - λi), j += η (-σ(-x)u - λj)
  async fit(train, options, { kernels, rng, guidance, progress }) {
    const { d, epochs, learningRate, finalRate, decay, initialScale } = options;
    const scope = kernels.scope();
    try {
      const users = scope.f32(train.users * d);
      const items = scope.f32(train.items * d);
      const start = rng.fork("start");
      for (const table of [users, items])
        for (let i = 0; i < table.length; i++) table[i] = start.normal() * initialScale;
      const indptr = scope.copy(train.indptr);
      const indices = scope.copy(train.indices);
      const userOf = scope.copy(usersOf(train));
      const state = scope.u32(4);
      const draws = rng.fork("triples");
      for (let i = 0; i < 4; i++) state[i] = draws.u32();
      const guide = guidance && createGuide(guidance, train, rng.fork("guide"));
      const order = Int32Array.from({ length: train.users }, (_, u) => u);
      for (let epoch = 0; epoch < epochs; epoch++) {
        const rate = learningRate * (1 - (1 - finalRate) * (epoch / epochs));
        const share = shareIn(guidance, epoch);
        const own = rate * (1 - share);
        let loss = Number.NaN;
        if (own > 0) {
          loss = bprEpoch(kernels, {
            ...{ users, items, userOf, itemOf: indices, indptr, indices, d, state, decay },
            ...{ learningRate: own, samples: indices.length },
          });
        }
        if (guide && share > 0) {
          guide.enter(epoch, epochs);
          loss = 0;
          for (const u of rng.fork(`order ${epoch}`).shuffle(order)) loss += guidedStep(u, rate);
          loss /= train.users;
        }
        progress(epoch + 1, epochs, `loss ${loss.toFixed(4)}`);
      }
      return {
        query: "user",
        pool: "sum",
        items: train.items,
        tables: { user: f32Table(train.users, d, users.slice()), item: f32Table(train.items, d, items.slice()) },
      };

      function guidedStep(u: number, rate: number): number {
        const row = users.subarray(u * d, (u + 1) * d);
        const step = new Float32Array(d);
        return guide!.visit(
          u,
          (ids, n, out) => {
            for (let c = 0; c < n; c++) {
              const at = ids[c]! * d;
              let sum = 0;
              for (let x = 0; x < d; x++) sum += row[x]! * items[at + x]!;
              out[c] = sum;
            }
          },
          (ids, n, grad) => {
            step.fill(0);
            for (let c = 0; c < n; c++) {
              const at = ids[c]! * d;
              const g = grad[c]!;
              for (let x = 0; x < d; x++) {
                const value = items[at + x]!;
                step[x]! += g * value;
                items[at + x] = value - rate * g * row[x]!;
              }
            }
            for (let x = 0; x < d; x++) row[x]! -= rate * step[x]!;
          },
        );
      }
    } finally {
      scope.free();
    }
  },
});
