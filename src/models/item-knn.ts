// Item-kNN: items are alike when the same users took them (Deshpande & Karypis 2004); cosine with shrinkage and, on
// request, BM25-weighted interactions, users that count less the more they took (0.5 is the degree normalisation of
// GF-CF, arXiv 2108.07567), and a norm that leans to one side (asymmetric cosine: Aiolli, RecSys 2013). Each item keeps
// its nearest neighbours only.

import { z } from "zod";
import { type Interactions, rowOf, transpose } from "../data/interactions.ts";
import { defineModel } from "../kinds/model.ts";
import { sparseTable } from "../tables/sparse.ts";

export default defineModel({
  name: "item-knn",
  summary: "Nearest neighbours of the items in the history, by shrunk cosine.",
  options: z.strictObject({
    neighbours: z.number().int().min(1).max(10_000).default(100).describe("neighbours kept for each item"),
    shrink: z.number().min(0).max(1e6).default(10).describe("added to the denominator; damps rare items"),
    weighting: z.enum(["none", "bm25"]).default("none").describe("weights of the interactions before the cosine"),
    userPower: z
      .number()
      .min(0)
      .max(2)
      .default(0)
      .describe("an interaction weighs its user's number of items to minus this: who took much says little of each"),
    asymmetry: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe(
        "share of the norm that the history's item pays: above 0.5 its rare items say more, popular answers gain",
      ),
  }),
  guided: [],
  // S_ij = w_i·w_j / (|w_i|^2a |w_j|^2(1-a) + shrink);   score_j = Σ_{h∈H} S_hj over the neighbours j of h
  async fit(train, { neighbours, shrink, weighting, userPower, asymmetry }, { progress }) {
    const n = train.items;
    const byItem = transpose(train);
    const weights = weighting === "bm25" ? bm25(train, byItem) : byItem.values.map(() => 1);
    const voices = Float64Array.from({ length: train.users }, (_, u) => rowOf(train, u).length ** -userPower);
    for (const [e, user] of byItem.indices.entries()) weights[e]! *= voices[user]!;
    const weightOf = userOrder(train, byItem, weights);
    const norms = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      for (let e = byItem.indptr[i]!; e < byItem.indptr[i + 1]!; e++) norms[i]! += weights[e]! * weights[e]!;
    }
    const indptr = new Int32Array(n + 1);
    let indices = new Int32Array(1 << 16);
    let values = new Float32Array(1 << 16);
    const [own, other] = [asymmetry, 1 - asymmetry].map((power) => norms.map((norm) => norm ** power)) as [
      Float32Array,
      Float32Array,
    ];
    const dots = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      const touched: number[] = [];
      for (let e = byItem.indptr[i]!; e < byItem.indptr[i + 1]!; e++) {
        const user = byItem.indices[e]!;
        for (let at = train.indptr[user]!; at < train.indptr[user + 1]!; at++) {
          const j = train.indices[at]!;
          if (dots[j] === 0) touched.push(j);
          dots[j]! += weights[e]! * weightOf[at]!;
        }
      }
      const near = touched.filter((j) => j !== i);
      for (const j of near) dots[j]! /= own[i]! * other[j]! + shrink;
      near.sort((a, b) => dots[b]! - dots[a]! || a - b);
      const kept = near.slice(0, neighbours).sort((a, b) => a - b);
      const from = indptr[i]!;
      const end = from + kept.length;
      if (end > indices.length) [indices, values] = [grown(indices, end), grown(values, end)];
      indices.set(kept, from);
      for (const [k, j] of kept.entries()) values[from + k] = dots[j]!;
      indptr[i + 1] = end;
      for (const j of touched) dots[j] = 0;
      if (i % 1000 === 999 || i === n - 1) progress(i + 1, n);
    }
    const count = indptr[n]!;
    const table = sparseTable(n, n, { indptr, indices: indices.subarray(0, count), values: values.subarray(0, count) });
    return { query: "history", pool: "sum", items: n, tables: { history: table } };
  },
});

/** A copy with room for `least` numbers and as many again. */
function grown<T extends Int32Array | Float32Array>(values: T, least: number): T {
  const wider = new (values.constructor as new (length: number) => T)(2 * least);
  wider.set(values);
  return wider;
}

/** BM25 (k1 = 1.2, b = 0.75) of binary interactions, users as documents; aligned with byItem. */
function bm25(train: Interactions, byItem: Interactions): Float32Array {
  const mean = train.indices.length / train.users;
  const weights = new Float32Array(byItem.indices.length);
  for (let i = 0; i < byItem.users; i++) {
    const [from, to] = [byItem.indptr[i]!, byItem.indptr[i + 1]!];
    const idf = Math.log(1 + (train.users - (to - from) + 0.5) / (to - from + 0.5));
    for (let e = from; e < to; e++) {
      const user = byItem.indices[e]!;
      const length = train.indptr[user + 1]! - train.indptr[user]!;
      weights[e] = (idf * 2.2) / (1 + 1.2 * (0.25 + (0.75 * length) / mean));
    }
  }
  return weights;
}

/** The same weights aligned with train's rows. */
function userOrder(train: Interactions, byItem: Interactions, weights: Float32Array): Float32Array {
  const next = train.indptr.slice(0, train.users);
  const out = new Float32Array(weights.length);
  for (let e = 0; e < weights.length; e++) out[next[byItem.indices[e]!]!++] = weights[e]!;
  return out;
}
