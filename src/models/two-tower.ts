// Two towers: one network turns a user into a vector, another an item; their product is the score (Yi et al., RecSys 2019).
// The items' vectors are computed once. So are the users', where they are known by id or by features; a user who is known
// by history alone gets one from the mean of its rows, whoever they are.
//
//     u = tower(row of the user, or mean of the history's rows);  v = tower(row of the item);  both of length 1 if cosine
//     a row with features is the sum of its own and those of its features' values (engine/histories/described.ts)
//     softmax  in-batch, each item's score corrected by log of its share of the interactions
//     ccl, bpr against items drawn for the batch (arXiv 2109.12613; UAI 2009)
//     a teacher's losses over candidates, whose items go through the tower as the batch's do

import { z } from "zod";
import type { Rng } from "../base/rng.ts";
import { columnOptions } from "../data/columns/columns.ts";
import { type Interactions, rowOf, takenCounts, usersOf } from "../data/interactions.ts";
import { epochOptions, fitEpochs } from "../engine/fit-epochs.ts";
import { type Described, describedTable, describeRows, expanded, withFeatures } from "../engine/histories/described.ts";
import { historyEncoder, type Layers, learningGraph } from "../engine/histories/history-graph.ts";
import { type BatchHistories, historyTable } from "../engine/histories/history-table.ts";
import { linearUniform, normal } from "../engine/layers/init.ts";
import { linear } from "../engine/layers/mlp.ts";
import { openLessons } from "../engine/lessons.ts";
import { bpr, cosineContrastive } from "../engine/objectives/pairwise.ts";
import { inBatchSoftmax } from "../engine/objectives/softmax.ts";
import { graphOptimizer } from "../engine/optimizers/optimizer.ts";
import { optimizerOptions } from "../engine/optimizers/options.ts";
import { tableMemories } from "../engine/tables/memories.ts";
import { takenOf } from "../engine/towers/taken.ts";
import { firstRows, taughtObjective, taughtRows } from "../engine/towers/taught.ts";
import type { Model } from "../engine/training/model.ts";
import { openTables } from "../engine/training/open-tables.ts";
import { createTrainer, type Feeds, type Trainer } from "../engine/training/trainer.ts";
import type { Objective } from "../engine/training/training-graph.ts";
import type { RunTensor } from "../graph/runtime.ts";
import { defineModel, type FitContext } from "../kinds/model.ts";
import type { Init } from "../kinds/network.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table } from "../tables/table.ts";

const options = z
  .strictObject({
    d: z.number().int().min(1).max(1024).default(64).describe("dimensions of the vectors"),
    embedding: z.number().int().min(1).max(1024).default(64).describe("numbers of a user's and an item's own row"),
    hidden: z
      .array(z.number().int().min(1).max(65_536))
      .max(16)
      .default([128])
      .describe("hidden layers of each tower; with [] it is one linear layer"),
    user: z
      .enum(["history", "id"])
      .default("history")
      .describe("what a user's tower reads: their items, so that anybody is answered, or a row of their own"),
    itemColumns: z.array(columnOptions).max(1000).default([]).describe("the items' features that are read"),
    userColumns: z
      .array(columnOptions)
      .max(1000)
      .default([])
      .describe("the users' features that are read; it then answers the users that it knows"),
    loss: z.enum(["softmax", "ccl", "bpr"]).default("softmax").describe("in-batch softmax, or one with drawn items"),
    cosine: z.boolean().default(true).describe("vectors of length 1"),
    temperature: z
      .number()
      .min(1e-3)
      .max(100)
      .default(0.1)
      .describe("the softmax's, and of cosines beside a teacher's scores"),
    negatives: z.number().int().min(1).max(65_536).default(256).describe("items drawn for a batch, for ccl and bpr"),
    margin: z.number().min(-1).max(1).default(0.4).describe("cosine from which ccl pushes a drawn item away"),
    weight: z.number().gt(0).max(10_000).default(150).describe("of ccl's drawn items against the own one"),
    length: z.number().int().min(1).max(100_000).default(1000).describe("latest items of a history that are read"),
    ...epochOptions({ epochs: 30, patience: 3, every: 1 }, "interactions"),
    batch: z.number().int().min(2).max(65_536).default(2048).describe("interactions a step"),
    learningRate: z.number().gt(0).max(10).default(2e-3).describe("Adam's step size"),
  })
  .refine(({ loss, cosine }) => loss !== "ccl" || cosine, { path: ["cosine"], error: "must be true for ccl" });
type Options = z.output<typeof options>;

export default defineModel({
  name: "two-tower",
  summary: "One network for users, by history or id, and one for items; the product of their vectors scores.",
  options,
  guided: ["candidates"],
  readsFeatures: true,
  async fit(data, options, context) {
    const { embedding, d, batch, learningRate } = options;
    const { kernels, runtime, rng } = context;
    const about = describedSides(data, options, context);
    const { guidance } = context;
    const scale = options.cosine || options.loss === "softmax" ? 1 / options.temperature : 1;
    const lessons = guidance && openLessons(guidance, data, { d, scale, rng: rng.fork("guide") });
    const taught = taughtRows(data.users, data.indices.length, batch);
    const model = learningModel(about, options, rng.fork("start"), lessons && { ...lessons, scale });
    const opened = await openTables(
      model,
      tableMemories(async () => kernels),
      { use: "adam" },
    );
    const history = options.user === "history" ? historyTable(kernels, opened["history"]!) : undefined;
    const described = (name: string, of: Described) => describedTable(kernels, opened[name]!, of);
    const user = history ? { history } : { user: described("user", about.users) };
    const tables = { ...user, item: described("item", about.items) };
    const enter = (histories: BatchHistories, users: Int32Array) =>
      history?.enter(withFeatures(expanded(histories, about.items), users, about.users, about.items.rows));
    const trainer = createTrainer({
      ...{ model, runtime, tables, accumulate: 1, rng: rng.fork("trainer") },
      objective: lessons ? taughtObjective(objectiveOf(options), lessons.candidates) : objectiveOf(options),
      optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })),
      learningRate: () => learningRate,
    });
    const pairs = pairsOf(data);
    const vectorsOf = (output: string, n: number, enter: (ids: Int32Array) => void) =>
      vectors(trainer, n, output, options, enter, lessons && { ...lessons.blank(1), ...firstRows(1) });
    const ofItems = (ids: Int32Array) => history?.enter(nobody(ids.length));
    try {
      return await fitEpochs(
        {
          ...{ ...options, trainer, data },
          async *batches(epoch) {
            const draws = rng.fork(`epoch ${epoch}`);
            lessons?.enter(epoch, options.epochs);
            const order = draws.shuffle(Int32Array.from(pairs.user.keys()));
            for (let from = 0; from < order.length; from += batch) {
              const some = order.subarray(from, from + batch);
              const users = some.map((at) => pairs.user[at]!);
              const items = some.map((at) => data.indices[at]!);
              const feeds = feedsOf(data, users, items, pairs.logShare, options, draws);
              const read = histories(data, users, items);
              const first = firstRows(Math.min(taught, some.length));
              const lesson = await lessons?.teach(users.subarray(0, taught), async (blank) => {
                const all = await vectorsOf("item_vector", data.items, ofItems);
                enter(read, users);
                const now = await trainer.predict({ ...feeds, ...first, ...blank });
                return { queries: now["user_vector"]!.data as Float32Array, items: all };
              });
              enter(read, users);
              yield { feeds: { ...feeds, ...(lesson && { ...first, ...lesson }) }, rows: some.length };
            }
          },
          async toRecommender({ graph }) {
            const item = f32Table(data.items, d, await vectorsOf("item_vector", data.items, ofItems));
            if (!history || options.userColumns.length > 0) {
              const ofUsers = (ids: Int32Array) => enter(histories(data, ids), ids);
              const numbers = await vectorsOf("user_vector", data.users, ofUsers);
              const user = f32Table(data.users, d, numbers);
              return { query: "user", pool: "sum", items: data.items, tables: { user, item } };
            }
            const sizes = { length: options.length, width: embedding, d };
            const rows = new Float32Array(data.items * embedding);
            await described("history", about.items).gather(
              Int32Array.from({ length: data.items }, (_, i) => i),
              rows,
            );
            const recommender: Recommender = {
              ...{ query: "history", pool: "mean", items: data.items },
              encoder: historyEncoder((c, pooled) => tower(c, pooled, "user", options), "mean", sizes, graph),
              tables: { history: f32Table(data.items, embedding, rows), item },
            };
            return recommender;
          },
        },
        context,
      );
    } finally {
      await trainer.close();
      for (const table of Object.values(tables)) table.free();
    }
  },
});

/** What users and items are sums of. */
interface Sides {
  readonly users: Described;
  readonly items: Described;
}

function describedSides(data: Interactions, { userColumns, itemColumns }: Options, { features }: FitContext): Sides {
  const met = new Array<boolean>(data.items).fill(false);
  for (const item of data.indices) met[item] = true;
  const active = Array.from({ length: data.users }, (_, u) => rowOf(data, u).length > 0);
  return {
    users: describeRows(userColumns, features?.userFeatures, active, "userColumns"),
    items: describeRows(itemColumns, features?.itemFeatures, met, "itemColumns"),
  };
}

/** [n, embedding] → [n, d] */
function tower(c: Layers, rows: string, side: string, { hidden, d, cosine }: Options): string {
  const { g } = c;
  const layer = (x: string, width: number, i: number) =>
    linear(c, x, width, `${side}.${i}`, linearUniform(g.dims(x)[1]!));
  const out = layer(
    hidden.reduce((x, width, i) => g.relu(layer(x, width, i)), rows),
    d,
    hidden.length,
  );
  return cosine ? g.div(out, g.max(g.norm(out, [1], true), g.scalar(1e-6))) : out;
}

/** Features begin at zero, so that a value that training never meets says nothing. */
const ownRows =
  (n: number): Init =>
  (rng, [rows, width]) => {
    const values = new Float32Array(rows! * width!);
    values.set(normal(1 / Math.sqrt(width!))(rng, [n, width!]));
    return values;
  };

function learningModel(
  { users: ofUsers, items: ofItems }: Sides,
  options: Options,
  rng: Rng,
  taught?: { candidates: number; scale: number },
): Model {
  const { embedding, d, loss, user } = options;
  const [userCount, itemCount] = [ofUsers.indptr.length - 1, ofItems.indptr.length - 1];
  const sizes: Record<string, [rows: number, own: number]> = {
    user: [ofUsers.rows, userCount],
    item: [ofItems.rows, itemCount],
    history: [ofItems.rows + ofUsers.rows - userCount, itemCount],
  };
  const c = learningGraph("two-tower", rng);
  const { g } = c;
  const rows = (table: string, ids: string) => {
    const [n, own] = sizes[table]!;
    return g.gather(c.table(table, [n, embedding], ownRows(own)), ids, 0);
  };
  const output = (name: string, value: string, n: string) => g.output(value, name, [n, d]);
  const users = rows(user === "id" ? "user" : "history", g.input("users", "int64", ["batch"]));
  const userVector = tower(c, users, "user", options);
  output("user_vector", userVector, "batch");
  output("item_vector", tower(c, rows("item", g.input("items", "int64", ["batch"])), "item", options), "batch");
  if (taught) {
    const { candidates, scale } = taught;
    const query = g.gather(userVector, g.input("taught", "int64", ["taught"]), 0);
    const own = g.reshape(rows("item", g.input("candidates", "int64", ["taught", candidates])), [-1, embedding]);
    const vectors = g.reshape(tower(c, own, "item", options), [-1, candidates, d]);
    const products = g.sum(g.mul(g.unsqueeze(query, 1), vectors), [2]);
    g.output(g.mul(products, g.scalar(scale)), "scores", ["taught", candidates]);
  }
  if (loss !== "softmax") {
    const negatives = rows("item", g.input("negatives", "int64", ["count"]));
    output("negative_vector", tower(c, negatives, "item", options), "count");
  }
  return c.model();
}

function objectiveOf({ loss, temperature, margin, weight }: Options): Objective {
  return (g, { user_vector: user, item_vector: item, negative_vector: negative }) => {
    const scores = g.gemm(user!, negative ?? item!, undefined, { transB: true });
    const taken = g.input("taken", "float32", g.dims(scores));
    if (loss === "softmax") {
      return inBatchSoftmax(g, scores, g.input("log_share", "float32", [g.dims(item!)[0]!]), taken, temperature);
    }
    const own = g.sum(g.mul(user!, item!), [1], true);
    const others = g.sub(scores, g.mul(taken, g.scalar(1e9)));
    return loss === "bpr" ? bpr(g, own, others) : cosineContrastive(g, g.squeeze(own, 1), others, { margin, weight });
  };
}

/** The user of each interaction, and the log of each item's share of all of them. */
function pairsOf(data: Interactions) {
  const entries = data.indices.length;
  const logShare = Float32Array.from(takenCounts(data), (n) => Math.log(Math.max(n, 1) / entries));
  return { user: usersOf(data), logShare };
}

/** The mean of each user's items; where `items` names one that is to be predicted, of the others. */
function histories(data: Interactions, users: Int32Array, items?: Int32Array): BatchHistories {
  const indptr = new Int32Array(users.length + 1);
  const hidden = items ? 1 : 0;
  for (const [row, user] of users.entries()) indptr[row + 1] = indptr[row]! + rowOf(data, user).length - hidden;
  const indices = new Int32Array(indptr.at(-1)!);
  const weights = new Float32Array(indices.length);
  let n = 0;
  for (const [row, user] of users.entries()) {
    const own = items?.[row];
    for (let at = data.indptr[user]!; at < data.indptr[user + 1]!; at++) {
      const item = data.indices[at]!;
      if (item === own) continue;
      indices[n] = item;
      weights[n++] = 1 / (indptr[row + 1]! - indptr[row]!);
    }
  }
  return { indptr, indices, weights };
}

const nobody = (rows: number): BatchHistories => ({
  indptr: new Int32Array(rows + 1),
  ...{ indices: new Int32Array(0), weights: new Float32Array(0) },
});

const int64 = (numbers: Int32Array): RunTensor => ({
  ...{ dtype: "int64", dims: [numbers.length] },
  data: BigInt64Array.from(numbers, BigInt),
});

function feedsOf(
  data: Interactions,
  users: Int32Array,
  items: Int32Array,
  logShare: Float32Array,
  { loss, user, negatives }: Options,
  rng: Rng,
): Feeds {
  const n = users.length;
  const inBatch = loss === "softmax";
  const drawn = inBatch ? items : Int32Array.from({ length: negatives }, () => rng.below(data.items));
  const ids = user === "id" ? users : users.map((_, row) => row);
  const taken = takenOf(data, users, drawn);
  // Its own item is no negative of itself.
  if (inBatch) for (let row = 0; row < n; row++) taken[row * n + row] = 0;
  return {
    ...{ users: int64(ids), items: int64(items) },
    taken: { dtype: "float32", dims: [n, drawn.length], data: taken },
    ...(inBatch
      ? { log_share: { dtype: "float32", dims: [n], data: Float32Array.from(items, (item) => logShare[item]!) } }
      : { negatives: int64(drawn) }),
  };
}

/** One side's vectors of all of `n`, by the trainer's present weights, in batches of one size; a taught model wants a `lesson`. */
async function vectors(
  trainer: Trainer,
  n: number,
  output: string,
  { d, batch, loss, negatives }: Options,
  enter: (ids: Int32Array) => void,
  lesson: Feeds = {},
): Promise<Float32Array<ArrayBuffer>> {
  const out = new Float32Array(n * d);
  const size = Math.min(batch, n);
  for (let from = 0; from < n; from += size) {
    const ids = Int32Array.from({ length: size }, (_, i) => (from + i < n ? from + i : 0));
    enter(ids);
    const none = int64(new Int32Array(size));
    const [users, items] = output === "user_vector" ? [int64(ids), none] : [none, int64(ids)];
    const extra = loss === "softmax" ? {} : { negatives: int64(new Int32Array(negatives)) };
    const made = (await trainer.predict({ users, items, ...extra, ...lesson }))[output]!.data as Float32Array;
    out.set(made.subarray(0, Math.min(size, n - from) * d), from * d);
  }
  return out;
}
