// The models of bench/peers/train_torch.py on our engine, at the same sizes: the product's own graphs, losses, optimisers,
// tables and trainer. Batches are made beforehand; a step is gather, run, accumulate and apply.

import { UserError } from "../src/base/errors.ts";
import { createRng, type Rng } from "../src/base/rng.ts";
import { causalBias, layerNorm, transformerBlock } from "../src/engine/layers/attention.ts";
import { normal } from "../src/engine/layers/init.ts";
import { head, linear } from "../src/engine/layers/mlp.ts";
import { networkGraph, opset } from "../src/engine/network-graph.ts";
import { binaryCrossEntropy } from "../src/engine/objectives/pointwise.ts";
import { inBatchSoftmax } from "../src/engine/objectives/softmax.ts";
import { graphOptimizer } from "../src/engine/optimizers/optimizer.ts";
import { optimizerOptions } from "../src/engine/optimizers/options.ts";
import { learningModel } from "../src/engine/sequences/sequence-model.ts";
import { tableMemories } from "../src/engine/tables/memories.ts";
import type { Model } from "../src/engine/training/model.ts";
import { openTables } from "../src/engine/training/open-tables.ts";
import { createTrainer, type Feeds } from "../src/engine/training/trainer.ts";
import type { Objective } from "../src/engine/training/training-graph.ts";
import { buildGraph } from "../src/graph/builder.ts";
import { opsOn } from "../src/graph/ops.ts";
import type { RunTensor } from "../src/graph/runtime.ts";
import { float32 } from "../src/graph/tensor.ts";
import { typedBuilder } from "../src/graph/typed-builder.ts";
import type { Init, NetworkInputs, NetworkMethod } from "../src/kinds/network.ts";
import { parseOptions } from "../src/kinds/options.ts";
import dcnv2 from "../src/networks/dcnv2.ts";
import deepfm from "../src/networks/deepfm.ts";
import dlrm from "../src/networks/dlrm.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { openKernels } from "../src/node/threads.ts";

interface Case {
  readonly model: Model;
  readonly objective: Objective;
  batch(rng: Rng): Feeds;
}

const [FIELDS, ROWS, NUMERIC, BATCH] = [26, 10_000, 13, 4096];
const rng = createRng("train bench");

const floats = (dims: readonly number[], draw: () => number): RunTensor => ({
  dtype: "float32",
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, draw),
});
const ids = (dims: readonly number[], draw: (i: number) => number): RunTensor => ({
  dtype: "int64",
  dims,
  data: BigInt64Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => BigInt(draw(i))),
});

/** 26 fields of 10,000 values; labels of which .3 are 1. */
function click(network: NetworkMethod, options: object, numeric = 0): Case {
  const inputs: NetworkInputs = { fields: FIELDS, rows: FIELDS * ROWS, numeric, bags: [], dense: [] };
  const plain = { d: 16, batchNorm: false, dropout: 0, ...options };
  return {
    model: networkGraph(network, parseOptions(network.options, plain, network.name), inputs, rng),
    objective: (g, { logits }) => binaryCrossEntropy(g, logits!, g.input("label", "float32", g.dims(logits!))),
    batch: (draws) => ({
      ids: ids([BATCH, FIELDS], (i) => (i % FIELDS) * ROWS + draws.below(ROWS)),
      ...(numeric > 0 && { numeric: floats([BATCH, numeric], () => draws.normal()) }),
      label: floats([BATCH], () => Number(draws.uniform() < 0.3)),
    }),
  };
}

/** User and item rows of 64 through 128 and 64; in-batch softmax over 1,024 pairs with logQ. */
function twoTower(): Case {
  const [users, items, pairs] = [100_000, 50_000, 1024];
  const { graph } = buildGraph("two-tower", opset);
  const g = opsOn(typedBuilder(graph, { batch: pairs }));
  const weights: string[] = [];
  const start = (name: string, dims: readonly number[], init: Init) =>
    g.constant(name, float32(dims, init(rng.fork(name), dims)));
  const weight = (name: string, dims: readonly number[], init: Init) => {
    weights.push(name);
    return start(name, dims, init);
  };
  const towers = (["user", "item"] as const).map((side, i) => {
    const table = start(side, [[users, items][i]!, 64], normal(0.01));
    const rows = g.gather(table, g.input(`${side}s`, "int64", ["batch"]), 0);
    const hidden = g.relu(linear({ g, weight }, rows, 128, `${side}.hidden`));
    return linear({ g, weight }, hidden, 64, `${side}.out`);
  });
  g.output(g.matmul(towers[0]!, g.transpose(towers[1]!, [1, 0])), "scores", ["batch", "batch"]);
  return {
    model: { graph, weights, tables: ["user", "item"] },
    objective(g, { scores }) {
      const column = g.unsqueeze("items", 1);
      const same = g.cast(g.equal(column, g.unsqueeze("items", 0)), "float32");
      const eye = new Float32Array(pairs * pairs);
      for (let i = 0; i < pairs; i++) eye[i * (pairs + 1)] = 1;
      const repeated = g.sub(same, g.float("eye", [pairs, pairs], eye));
      return inBatchSoftmax(g, scores!, g.input("logQ", "float32", [pairs]), repeated, 1);
    },
    batch: (draws) => ({
      users: ids([pairs], () => draws.below(users)),
      items: ids([pairs], () => draws.below(items)),
      logQ: floats([pairs], () => -9 * draws.uniform()),
    }),
  };
}

/** Beauty's size; full sequences, and one negative a place as SASRec was published. */
function sasrec(): Case {
  const [items, batch, length, d] = [12_102, 128, 50, 64];
  const model = learningModel(
    (c) => {
      const { g, rows, places, weight } = c;
      const all = weight("positions", [length, d], normal(0.01));
      const positions = g.node("Slice", [all, g.neg(places), g.ints(length), g.ints(0)]);
      const bias = causalBias(c);
      let x = c.dropout(g.add(g.mul(rows, g.scalar(8)), positions), 0.2);
      for (const name of ["block.0", "block.1"]) x = transformerBlock(c, x, bias, { heads: 1, dropout: 0.2, name });
      return layerNorm(c, x, "norm");
    },
    { d, length, items, itemInit: normal(1 / 8), rng },
  );
  return {
    model,
    objective(g, { states, positive, negative }) {
      const [good, bad] = [positive!, negative!].map((rows) => g.sum(g.mul(states!, rows), [1]));
      return g.mean(g.add(g.softplus(g.neg(good!)), g.softplus(bad!)), []);
    },
    batch: (draws) => ({
      history: ids([batch, length], () => 1 + draws.below(items - 1)),
      target: ids([batch, length], () => 1 + draws.below(items - 1)),
      negatives: ids([batch * length], () => 1 + draws.below(items - 1)),
      mask: floats([batch, length], () => 1),
    }),
  };
}

/** DeepFM's MLP alone, 416 numbers in: what bench/peers/tfjs/train.js trains. */
function mlp(): Case {
  const width = FIELDS * 16;
  const { graph } = buildGraph("mlp", opset);
  const g = opsOn(typedBuilder(graph, { batch: BATCH }));
  const weights: string[] = [];
  const weight = (name: string, dims: readonly number[], init: Init) => {
    weights.push(name);
    return g.constant(name, float32(dims, init(rng.fork(name), dims)));
  };
  let h = g.input("x", "float32", ["batch", width]);
  for (const name of ["first", "second", "third"]) h = g.relu(linear({ g, weight }, h, 400, name));
  g.output(head({ g, weight }, [h]), "logits", ["batch"]);
  return {
    model: { graph, weights, tables: [] },
    objective: (g, { logits }) => binaryCrossEntropy(g, logits!, g.input("label", "float32", g.dims(logits!))),
    batch: (draws) => ({
      x: floats([BATCH, width], () => draws.normal()),
      label: floats([BATCH], () => Number(draws.uniform() < 0.3)),
    }),
  };
}

/** By the names that train_torch.py has. */
const cases: Readonly<Record<string, () => Case>> = {
  deepfm: () => click(deepfm, { hidden: [400, 400, 400] }),
  dcnv2: () => click(dcnv2, { crossLayers: 3, hidden: [400, 400, 400] }),
  dlrm: () => click(dlrm, { bottom: [512, 256, 64], hidden: [512, 256] }, NUMERIC),
  "two-tower": twoTower,
  sasrec,
};

export const trainModels: readonly string[] = Object.keys(cases);

/** A function that trains the named model on the next of four batches. */
export async function openTraining(name: string, threads: number): Promise<() => Promise<number>> {
  const found = name === "mlp" ? mlp : cases[name];
  if (!found)
    throw new UserError(`there is no model "${name}" to time; it is mlp or one of ${trainModels.join(", ")}.`);
  const { model, objective, batch } = found();
  const kernels = await openKernels(threads);
  const memories = tableMemories(async () => kernels);
  const tables = await openTables(model, memories, { use: "adam" });
  const trainer = createTrainer({
    ...{ model, objective, tables, accumulate: 1, rng, runtime: onnxRuntime({ threads }) },
    optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })),
    learningRate: () => 1e-3,
  });
  const batches = Array.from({ length: 4 }, (_, i) => batch(rng.fork(`batch ${i}`)));
  let at = 0;
  return () => trainer.step(batches[at++ % batches.length]!);
}
