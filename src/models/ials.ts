// iALS: implicit alternating least squares as revisited by Rendle et al. (RecSys 2022, arXiv 2110.14044), with
// frequency-scaled regularisation. Observed weight and target are 1, every other pair has weight `unobserved`, target 0.

import { z } from "zod";
import type { Interactions } from "../data/interactions.ts";
import { transpose } from "../data/interactions.ts";
import { gramDense } from "../kernels/gram.ts";
import { ialsHalfStep } from "../kernels/ials.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { defineModel } from "../kinds/model.ts";
import { f32Table } from "../tables/table.ts";

export default defineModel({
  name: "ials",
  summary: "Implicit alternating least squares with frequency-scaled regularisation.",
  options: z.strictObject({
    d: z.number().int().min(1).max(1024).default(64).describe("dimensions of the factors"),
    epochs: z.number().int().min(1).max(1000).default(10).describe("alternations"),
    lambda: z.number().positive().max(1e3).default(0.003).describe("regularisation"),
    unobserved: z.number().positive().max(10).default(0.1).describe("weight of a pair that was not observed"),
    frequencyPower: z.number().min(0).max(2).default(1).describe("how regularisation grows with a row's weight"),
    initialScale: z.number().positive().max(10).default(0.1).describe("standard deviation at start is this / sqrt(d)"),
    cgSteps: z.number().int().min(0).max(100).default(0).describe("conjugate-gradient steps a row; 0 solves exactly"),
  }),
  guided: [],
  // for each user u:  x_u = (Σ_{i∈u} v vᵀ + α₀ VᵀV + λ (n_u + α₀ |I|)^ν I)⁻¹ Σ_{i∈u} v_i;   items likewise
  async fit(train, options, { kernels, rng, progress }) {
    const { d, epochs, initialScale } = options;
    const scope = kernels.scope();
    try {
      const users = scope.f32(train.users * d);
      const items = scope.f32(train.items * d);
      const start = rng.fork("start");
      for (const table of [users, items]) {
        for (let i = 0; i < table.length; i++) table[i] = (start.normal() * initialScale) / Math.sqrt(d);
      }
      const byUser = copyIndex(scope, train);
      const byItem = copyIndex(scope, transpose(train));
      for (let epoch = 0; epoch < epochs; epoch++) {
        await halfStep(kernels, users, items, byUser, options);
        await halfStep(kernels, items, users, byItem, options);
        progress(epoch + 1, epochs);
      }
      return {
        query: "user",
        pool: "sum",
        items: train.items,
        tables: { user: f32Table(train.users, d, users.slice()), item: f32Table(train.items, d, items.slice()) },
      };
    } finally {
      scope.free();
    }
  },
});

interface Index {
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly rows: number;
  readonly cols: number;
}

const copyIndex = (scope: Scope, m: Interactions): Index => ({
  indptr: scope.copy(m.indptr),
  indices: scope.copy(m.indices),
  rows: m.users,
  cols: m.items,
});

async function halfStep(
  kernels: Kernels,
  target: Float32Array,
  source: Float32Array,
  index: Index,
  options: { d: number; lambda: number; unobserved: number; frequencyPower: number; cgSteps: number },
): Promise<void> {
  const { d, lambda, unobserved, frequencyPower, cgSteps } = options;
  const scope = kernels.scope();
  try {
    const gram = scope.f32(d * d);
    await gramDense(kernels, source, index.cols, d, gram);
    for (let i = 0; i < gram.length; i++) gram[i]! *= unobserved;
    await ialsHalfStep(kernels, {
      ...{ target, source, gram, indptr: index.indptr, indices: index.indices, rows: index.rows, d },
      ...{ reg: lambda, frequencyPower, unobserved, totalOther: index.cols, cgSteps },
    });
  } finally {
    scope.free();
  }
}
