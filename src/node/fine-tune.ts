// Trains an ONNX graph on this machine, from its weights on: the engine put together for whoever has a graph and batches.

import { availableParallelism } from "node:os";
import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import { graphOptimizer } from "../engine/optimizers/optimizer.ts";
import { optimizerOptions } from "../engine/optimizers/options.ts";
import { learningRates } from "../engine/schedule.ts";
import { tableMemories } from "../engine/tables/memories.ts";
import type { TableOptimizerOptions } from "../engine/tables/options.ts";
import { openTables } from "../engine/training/open-tables.ts";
import { type Batch, type Reading, type Trained, type TrainOptions, train } from "../engine/training/train.ts";
import { trainableModel } from "../engine/training/trainable.ts";
import { createTrainer, type Trainer } from "../engine/training/trainer.ts";
import type { Objective } from "../engine/training/training-graph.ts";
import type { Graph } from "../graph/graph.ts";
import { parseOptions } from "../kinds/options.ts";
import { onnxRuntime } from "./onnx-runtime.ts";
import { openKernels } from "./threads.ts";

export interface FineTuneOptions extends Pick<TrainOptions, "epochs" | "patience" | "save" | "resume"> {
  /** The batches of an epoch, and how many rows each has; the same for the same epoch. */
  batches(epoch: number): Iterable<Batch>;
  /** The loss over the graph's outputs by name; it adds the inputs that it needs, such as labels. */
  readonly objective: Objective;
  /** Of the weights in the graph; Adam where absent. */
  readonly optimizer?: z.input<typeof optimizerOptions>;
  /** Of embedding tables, with the same step size; lazy Adam where absent. */
  readonly tableOptimizer?: TableOptimizerOptions;
  /** The initializers that learn; see trainableModel for which do where absent. */
  readonly weights?: readonly string[];
  /** Batches whose gradients are averaged into one update; 1 where absent. */
  readonly accumulate?: number;
  /** After each epoch, on data held back; decides which epoch's weights are kept. */
  readonly metric?: { readonly better: "high" | "low"; measure(predict: Trainer["predict"]): Promise<number> };
  readonly rng: Rng;
  readonly threads?: number;
  /** ONNX Runtime's execution providers in order of preference; cpu where absent. */
  readonly providers?: readonly string[];
  progress?(reading: Reading): void;
}

/** The graph at opset 21 with the weights of the best epoch; the one given stays as it is. */
export async function fineTune(given: Graph, options: FineTuneOptions): Promise<Trained & { readonly graph: Graph }> {
  const { batches, epochs, accumulate = 1, rng, providers, threads = Math.min(16, availableParallelism()) } = options;
  const model = trainableModel(given, options.weights);
  const optimizer = parseOptions(optimizerOptions, options.optimizer ?? { use: "adam" }, "optimizer");
  const { clipNorm, learningRate, schedule } = optimizer;
  const updates = ["linear", "cosine"].includes(schedule.use) ? count(batches(0)) * epochs : 0;
  const memories = tableMemories(() => openKernels(threads));
  try {
    const trainer = createTrainer({
      ...{ model, rng, objective: options.objective, accumulate },
      tables: await openTables(model, memories, options.tableOptimizer ?? { use: "adam" }),
      optimizer: graphOptimizer(optimizer),
      learningRate: learningRates(schedule, learningRate, updates / accumulate),
      ...(clipNorm !== undefined && { clipNorm }),
      runtime: onnxRuntime({ threads, ...(providers && { providers }) }),
    });
    try {
      const { metric, progress = () => {}, ...loop } = options;
      const trained = await train({
        ...{ ...loop, trainer, progress, clock: () => performance.now() / 1000 },
        ...(metric && { metric: { better: metric.better, measure: () => metric.measure(trainer.predict) } }),
      });
      return { ...trained, graph: trainer.model().graph };
    } finally {
      await trainer.close();
    }
  } finally {
    await memories.close();
  }
}

function count(all: Iterable<unknown>): number {
  let n = 0;
  for (const _ of all) n++;
  return n;
}
