// Trains a next-item model and hands it on as a recommender whose query is its encoder's.

import type { Rng } from "../../base/rng.ts";
import type { Interactions } from "../../data/interactions.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import type { FitContext } from "../../kinds/model.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { f32Table } from "../../tables/table.ts";
import { type EpochOptions, type EpochPlan, fitEpochs } from "../fit-epochs.ts";
import { normal } from "../layers/init.ts";
import { openLessons } from "../lessons.ts";
import { graphOptimizer } from "../optimizers/optimizer.ts";
import { optimizerOptions } from "../optimizers/options.ts";
import { tableMemories } from "../tables/memories.ts";
import type { Model } from "../training/model.ts";
import { openTables } from "../training/open-tables.ts";
import { createTrainer, type Feeds } from "../training/trainer.ts";
import { sequenceBatches } from "./batches.ts";
import { type SequenceLoss, sequenceObjective } from "./objectives.ts";
import { answeringGraph, learningModel, type SequenceBody } from "./sequence-model.ts";
import { toEncoder } from "./to-encoder.ts";

export interface SequenceFit extends SequenceLoss, EpochOptions {
  readonly d: number;
  readonly length: number;
  readonly negatives: number;
  readonly batch: number;
  readonly learningRate: number;
}

/** Fits `body` to the sequences; without a validation part it trains for all epochs. */
export async function fitSequences(
  data: Interactions,
  body: SequenceBody,
  options: SequenceFit,
  context: FitContext,
): Promise<Recommender> {
  const { d, length } = options;
  const { kernels, runtime, rng } = context;
  const start = { d, length, items: data.items, itemInit: normal(1 / Math.sqrt(d)), rng: rng.fork("start") };
  const { guidance } = context;
  const lessons = guidance && openLessons(guidance, data, { d, scale: 1, rng: rng.fork("guide") });
  const model = learningModel(body, start, lessons?.candidates);
  const tables = await openTables(
    model,
    tableMemories(async () => kernels),
    { use: "adam" },
  );
  const trainer = createTrainer({
    ...{ model, runtime, accumulate: 1, tables, rng: rng.fork("trainer") },
    objective: sequenceObjective(options, lessons),
    optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })),
    learningRate: () => options.learningRate,
  });
  try {
    const plan: EpochPlan = {
      ...{ ...options, trainer, data },
      async *batches(epoch) {
        const draws = rng.fork(`epoch ${epoch}`);
        lessons?.enter(epoch, options.epochs);
        for (const one of sequenceBatches(data, options, draws, lessons !== undefined)) {
          const feeds = withNegatives(one.feeds, data.items, options.negatives, draws);
          // Taught at the last place of every sequence, by scores of the state without dropout; the gradient passes through
          // the state with it.
          const lesson = await lessons?.teach(one.users, async (blank) => ({
            queries: (await trainer.predict({ ...feeds, ...blank }))["query"]!.data as Float32Array,
            items: tables["item"]!.table(),
          }));
          yield { feeds: { ...feeds, ...lesson }, rows: one.targets };
        }
      },
      toRecommender: (from) => recommenderOf(from, body, data.items, options),
    };
    return await fitEpochs(plan, context);
  } finally {
    await trainer.close();
    for (const table of Object.values(tables)) table.free();
  }
}

function withNegatives(feeds: Feeds, items: number, count: number, rng: Rng): Feeds {
  const data = BigInt64Array.from({ length: count }, () => BigInt(rng.below(items)));
  const negatives: RunTensor = { dtype: "int64", dims: [count], data };
  return { ...feeds, negatives };
}

function recommenderOf(model: Model, body: SequenceBody, items: number, { d, length }: SequenceFit): Recommender {
  const { graph } = model;
  return {
    ...{ query: "history", pool: "sum", items },
    encoder: toEncoder(answeringGraph(body, { d, length }, graph), { length, width: d, d }),
    tables: { item: f32Table(items, d, graph.initializers.get("item")!.data as Float32Array<ArrayBuffer>) },
  };
}
