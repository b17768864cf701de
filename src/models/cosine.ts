// Items as directions, users as the pool of their items', and popularity as a bias: one item table in both roles, of 1
// bit a number and up, learning as it will ship. A user is nobody's row, so nothing personal ships and whoever comes is
// answered. It learns to complete histories and from a teacher's lists.
//
//     score_j = q · row_j + bias_j,   q = |H|^-½ Σ_{h ∈ H} row_h

import { z } from "zod";
import { rowOf, takenCounts } from "../data/interactions.ts";
import { createCosineRows } from "../engine/cosine-rows.ts";
import { shareIn } from "../engine/distil/teaching.ts";
import { createGuide } from "../engine/guide.ts";
import { guideRows } from "../engine/guided-rows.ts";
import { halve } from "../engine/halves.ts";
import { heldOutBatch, popularCandidates } from "../engine/held-out-batch.ts";
import { poolRow, unpoolRow } from "../engine/pooled-row.ts";
import { smoothStart, teacherDirections } from "../engine/smooth-start.ts";
import { defineModel } from "../kinds/model.ts";
import { poolScale } from "../recommender/recommender.ts";
import { decodeTable } from "../tables/decode.ts";
import { f32Table } from "../tables/table.ts";

export default defineModel({
  name: "cosine",
  summary: "Item directions of 1 bit a number and up, which learn as they ship, popularity as a bias; no user table.",
  options: z.strictObject({
    d: z.number().int().min(1).max(4096).default(64).describe("dimensions"),
    levels: z
      .union([z.literal(0), z.int().min(2).max(16)])
      .default(0)
      .describe("how many values a number has to choose from: 2 are 1 bit, 4 are 2 bits; 0: it stays a float32"),
    bands: z
      .array(
        z.strictObject({
          share: z.number().gt(0).lt(1).describe("of the items, the next most taken"),
          levels: z.int().min(2).max(16).describe("what their numbers have to choose from"),
          d: z.number().int().min(1).max(4096).describe("their dimensions"),
        }),
      )
      .max(8)
      .default([])
      .refine((bands) => bands.reduce((sum, { share }) => sum + share, 0) < 1, "must leave a share to all other items")
      .describe(
        "bands of popularity with bits of their own, the most taken first; d and levels are of all other items",
      ),
    epochs: z.number().int().min(0).max(10_000).default(6).describe("passes over the users; 0 keeps the start"),
    batch: z.number().int().min(1).max(100_000).default(512).describe("users a step"),
    negatives: z.number().int().min(1).max(1_000_000).default(4096).describe("items drawn for a batch"),
    popularityPower: z.number().min(0).max(2).default(0.5).describe("they are drawn by popularity to this power"),
    keep: z.number().gt(0).lt(1).default(0.7).describe("share of a history from which the rest is predicted"),
    temperature: z.number().min(1e-3).max(100).default(0.33).describe("what products are divided by as they learn"),
    startPower: z.number().min(0).max(2).default(0.5).describe("biases begin at this times the log of popularity"),
    learningRate: z.number().positive().max(10).default(0.01).describe("Adam's step size"),
    finalRate: z.number().min(0).max(1).default(0.05).describe("share of the step size left at the end (linear)"),
  }),
  guided: ["candidates"],
  async fit(train, options, { kernels, rng, guidance, progress }) {
    const { epochs, batch, negatives, popularityPower, keep, temperature, startPower } = options;
    const { users, items } = train;
    const counts = takenCounts(train);
    const bands = [...options.bands, { share: 1, levels: options.levels, d: options.d }];
    const d = Math.max(...bands.map((band) => band.d));
    const scope = kernels.scope();
    try {
      const table = createCosineRows(kernels, scope, { queries: batch, band: bandOf(counts, bands), bands });
      const { rows, gradient, width } = table;
      const bias = Float64Array.from(counts, (count) => startPower * Math.log(count + 1));
      const known = guidance?.teacher?.tables.item;
      const directions = known
        ? await teacherDirections(kernels, decodeTable(known), items, d, rng.fork("start"))
        : await smoothStart(kernels, train, counts, d, rng.fork("start"));
      table.start(directions, bias);
      const guide = guidance && createGuide(guidance, train, rng.fork("guide"));
      const visit = guide && guideRows(kernels, scope, guide, table);
      const candidates = popularCandidates(counts, popularityPower, negatives, 1 - keep);
      const order = Int32Array.from({ length: users }, (_, u) => u).filter((u) => rowOf(train, u).length > 1);
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
            const parts = Array.from(some, (u) => halve(rowOf(train, u), keep, draws));
            for (const [slot, { kept }] of parts.entries()) pool(kept, slot);
            const given = { drawn: negatives, share: some.length / order.length, scale: own };
            loss += await heldOutBatch(kernels, table, { items, bias: d }, parts, candidates, given, draws);
            for (const [slot, { kept }] of parts.entries()) unpool(kept, slot);
          }
          if (visit && share > 0) {
            for (const [slot, user] of some.entries()) {
              pool(rowOf(train, user), slot);
              loss += visit(user, { own: items + slot, first: 0 });
              unpool(rowOf(train, user), slot);
            }
          }
          await table.step(options.learningRate * (1 - (1 - options.finalRate) * (step++ / steps)));
        }
        progress(epoch + 1, epochs, `loss ${(loss / order.length).toFixed(4)}`);
      }
      const shift = Float32Array.from({ length: items }, (_, j) => temperature * rows[j * width + d]!);
      return {
        ...{ query: "history", pool: "sqrt", items },
        tables: { item: table.table(), bias: f32Table(1, items, shift) },
      };

      function pool(history: Int32Array, slot: number): void {
        const own = items + slot;
        rows.fill(0, own * width, (own + 1) * width);
        poolRow(rows, history, poolScale("sqrt", history.length) / temperature, { width, d, first: 0, own });
        rows[own * width + d] = 1;
      }

      function unpool(history: Int32Array, slot: number): void {
        const scale = poolScale("sqrt", history.length) / temperature;
        unpoolRow(gradient, history, scale, { width, d, first: 0, own: items + slot });
      }
    } finally {
      scope.free();
    }
  },
});

/** Which band each item is in: they take their shares from the most taken on, of equal ones the first. */
function bandOf(counts: Int32Array, bands: readonly { readonly share: number }[]): Uint8Array {
  const order = Array.from(counts, (_, j) => j).sort((a, b) => counts[b]! - counts[a]! || a - b);
  const band = new Uint8Array(counts.length).fill(bands.length - 1);
  let from = 0;
  for (const [b, { share }] of bands.entries()) {
    const to = Math.min(order.length, from + Math.round(share * order.length));
    for (const j of order.slice(from, to)) band[j] = b;
    from = to;
  }
  return band;
}
