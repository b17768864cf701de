// Mult-VAE: a variational autoencoder of histories with a multinomial likelihood (Liang et al., WWW 2018,
// arXiv 1802.05814).
//
//     x = history / √n, some of it dropped;  h = tanh(x W₁ + b₁);  μ, log σ² = linear layers of h
//     z = μ + σ ε, ε ~ N(0, I) (μ alone when it answers);  q = tanh(z W₃ + b₃);  scores = q · items + bias
//     loss = mean over users of -Σ_i taken_i log softmax(scores)_i + β KL(N(μ, σ²) ‖ N(0, I)),  β growing up to its limit
//
// Histories are pooled outside the graph, so x is never a row of the catalogue's width. The scores are: of all items, or
// with `candidates` of so many for each batch.

import { z } from "zod";
import type { Rng } from "../base/rng.ts";
import { type Interactions, rowOf } from "../data/interactions.ts";
import { epochOptions, fitEpochs } from "../engine/fit-epochs.ts";
import { historyEncoder, type Layers, learningGraph } from "../engine/histories/history-graph.ts";
import { type BatchHistories, historyTable } from "../engine/histories/history-table.ts";
import { constant, xavierNormal } from "../engine/layers/init.ts";
import { linear } from "../engine/layers/mlp.ts";
import { multinomial } from "../engine/objectives/softmax.ts";
import { graphOptimizer } from "../engine/optimizers/optimizer.ts";
import { optimizerOptions } from "../engine/optimizers/options.ts";
import { tableMemories } from "../engine/tables/memories.ts";
import type { Model } from "../engine/training/model.ts";
import { openTables } from "../engine/training/open-tables.ts";
import { createTrainer, type Feeds } from "../engine/training/trainer.ts";
import type { Objective } from "../engine/training/training-graph.ts";
import { defineModel } from "../kinds/model.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table } from "../tables/table.ts";

const options = z.strictObject({
  hidden: z
    .number()
    .int()
    .min(1)
    .max(4096)
    .default(600)
    .describe("numbers of an item's row, and of both hidden layers"),
  latent: z.number().int().min(1).max(4096).default(200).describe("numbers of the code between them"),
  dropout: z.number().min(0).lt(1).default(0.5).describe("share of a history left out while training"),
  beta: z.number().min(0).max(10).default(0.2).describe("weight of the divergence, once it has grown"),
  annealing: z.number().int().min(1).max(10_000).default(20).describe("epochs that it grows over, from 0"),
  candidates: z
    .number()
    .int()
    .min(2)
    .optional()
    .describe("items that a batch's softmax is over, its own first; for catalogues too large to score whole"),
  length: z.number().int().min(1).max(100_000).default(1000).describe("latest items of a history that are read"),
  ...epochOptions({ epochs: 20, patience: 2, every: 5 }, "users"),
  batch: z.number().int().min(1).max(65_536).default(100).describe("users a step"),
  learningRate: z.number().gt(0).max(10).default(1e-3).describe("Adam's step size"),
});
type Options = z.output<typeof options>;

export default defineModel({
  name: "mult-vae",
  summary: "Variational autoencoder of whole histories with a multinomial likelihood.",
  options,
  guided: [],
  async fit(data, options, context) {
    const { batch, learningRate, annealing, beta } = options;
    const { kernels, runtime, rng } = context;
    const sampled = options.candidates !== undefined && options.candidates < data.items;
    const model = learningModel(data.items, options, sampled, rng.fork("start"));
    const opened = await openTables(
      model,
      tableMemories(async () => kernels),
      { use: "adam" },
    );
    const history = historyTable(kernels, opened["history"]!);
    const tables = { ...opened, history };
    const trainer = createTrainer({
      ...{ model, runtime, tables, objective, accumulate: 1, rng: rng.fork("trainer") },
      optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })),
      learningRate: () => learningRate,
    });
    const users = Int32Array.from({ length: data.users }, (_, u) => u).filter((u) => rowOf(data, u).length > 0);
    try {
      return await fitEpochs(
        {
          ...{ ...options, trainer, data },
          *batches(epoch) {
            const draws = rng.fork(`epoch ${epoch}`);
            const order = draws.shuffle(users.slice());
            for (let from = 0; from < order.length; from += batch) {
              const some = order.subarray(from, from + batch);
              history.enter(dropped(data, some, options.dropout, draws));
              const kl = beta * Math.min(1, (epoch + from / order.length) / annealing);
              yield { feeds: feedsOf(data, some, options, sampled, kl, draws), rows: some.length };
            }
          },
          toRecommender: (from) => recommenderOf(from, data.items, options),
        },
        context,
      );
    } finally {
      await trainer.close();
      for (const table of Object.values(tables)) table.free();
    }
  },
});

/** tanh(x W₁ + b₁) of the pooled rows. */
const first = ({ g, weight }: Layers, pooled: string): string =>
  g.tanh(g.add(pooled, weight("first.bias", [g.dims(pooled)[1]!], constant(0))));
const decoder = (c: Layers, code: string, hidden: number): string => c.g.tanh(linear(c, code, hidden, "decoder"));

function learningModel(items: number, { hidden, latent }: Options, sampled: boolean, rng: Rng): Model {
  const c = learningGraph("mult-vae", rng);
  const { g, weight, table } = c;
  const h = first(
    c,
    g.gather(table("history", [items, hidden], xavierNormal), g.input("users", "int64", ["batch"]), 0),
  );
  const mean = linear(c, h, latent, "mean");
  const logVariance = linear(c, h, latent, "deviation");
  const noise = g.input("noise", "float32", ["batch", latent]);
  const deviation = g.exp(g.mul(logVariance, g.scalar(0.5)));
  const query = decoder(c, g.add(mean, g.mul(noise, deviation)), hidden);
  const candidates = sampled ? g.input("candidates", "int64", ["count"]) : undefined;
  const scored = (name: string, width: number, init: typeof xavierNormal) =>
    candidates ? g.gather(table(name, [items, width], init), candidates, 0) : weight(name, [items, width], init);
  const scores = g.add(
    g.gemm(query, scored("item", hidden, xavierNormal), undefined, { transB: true }),
    g.transpose(scored("bias", 1, constant(0)), [1, 0]),
  );
  g.output(scores, "scores", ["batch", candidates ? "count" : items]);
  g.output(mean, "mean", ["batch", latent]);
  g.output(logVariance, "log_variance", ["batch", latent]);
  return c.model();
}

// KL = -½ Σ (1 + log σ² - μ² - σ²)
const objective: Objective = (g, { scores, mean, log_variance: logVariance }) => {
  const taken = g.input("taken", "float32", g.dims(scores!));
  const terms = g.sub(g.add(g.scalar(1), logVariance!), g.add(g.square(mean!), g.exp(logVariance!)));
  const divergence = g.mul(g.mean(g.sum(terms, [1]), []), g.scalar(-0.5));
  return g.add(multinomial(g, scores!, taken), g.mul(g.input("kl_weight", "float32", []), divergence));
};

/** Histories with a share of their items left out and the rest scaled up, each of length 1 before that. */
function dropped(data: Interactions, users: Int32Array, rate: number, rng: Rng): BatchHistories {
  const indptr = new Int32Array(users.length + 1);
  const [indices, weights]: [number[], number[]] = [[], []];
  users.forEach((user, row) => {
    const taken = rowOf(data, user);
    for (const item of taken) {
      if (rate > 0 && rng.uniform() < rate) continue;
      indices.push(item);
      weights.push(1 / (Math.sqrt(taken.length) * (1 - rate)));
    }
    indptr[row + 1] = indices.length;
  });
  return { indptr, indices: Int32Array.from(indices), weights: Float32Array.from(weights) };
}

function feedsOf(
  data: Interactions,
  users: Int32Array,
  { latent, candidates = 0 }: Options,
  sampled: boolean,
  kl: number,
  rng: Rng,
): Feeds {
  const n = users.length;
  const chosen = sampled ? chosenItems(data, users, candidates, rng) : undefined;
  const columns = chosen?.length ?? data.items;
  const place = chosen && new Map([...chosen].map((item, at) => [item, at]));
  const taken = new Float32Array(n * columns);
  users.forEach((user, row) => {
    for (const item of rowOf(data, user)) {
      const column = place ? place.get(item) : item;
      if (column !== undefined) taken[row * columns + column] = 1;
    }
  });
  return {
    users: { dtype: "int64", dims: [n], data: BigInt64Array.from({ length: n }, (_, u) => BigInt(u)) },
    noise: { dtype: "float32", dims: [n, latent], data: Float32Array.from({ length: n * latent }, () => rng.normal()) },
    taken: { dtype: "float32", dims: [n, columns], data: taken },
    kl_weight: { dtype: "float32", dims: [], data: Float32Array.of(kl) },
    ...(chosen && {
      candidates: { dtype: "int64", dims: [columns], data: BigInt64Array.from(chosen, BigInt) },
    }),
  };
}

/** `count` distinct items: those that the users took in a random order, then any others. */
function chosenItems(data: Interactions, users: Int32Array, count: number, rng: Rng): Int32Array {
  const own = new Set<number>();
  for (const user of users) for (const item of rowOf(data, user)) own.add(item);
  const chosen = new Set(rng.shuffle(Int32Array.from(own)).subarray(0, count));
  while (chosen.size < count) chosen.add(rng.below(data.items));
  return Int32Array.from(chosen);
}

function recommenderOf({ graph }: Model, items: number, { hidden, latent, length }: Options): Recommender {
  const numbers = (name: string) => graph.initializers.get(name)!.data as Float32Array<ArrayBuffer>;
  const sizes = { length, width: hidden, d: hidden };
  const encoder = historyEncoder(
    (c, pooled) => decoder(c, linear(c, first(c, pooled), latent, "mean"), hidden),
    "sqrt",
    sizes,
    graph,
  );
  return {
    ...{ query: "history", pool: "sqrt", items, encoder },
    tables: {
      history: f32Table(items, hidden, numbers("history")),
      item: f32Table(items, hidden, numbers("item")),
      bias: f32Table(1, items, numbers("bias")),
    },
  };
}
