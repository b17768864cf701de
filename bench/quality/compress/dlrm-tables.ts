// A made-up click log with one column of 5 million ids, for which DLRM's table is 320 MB: what is left of its AUC in fewer
// bytes, by composing rows while it learns and by packing them afterwards. An id's clicks depend on four numbers of its
// own that no other id has, so every row that it shares costs something; ids are met by u³ of a uniform u.

import { sigmoid } from "../../../src/base/logistic.ts";
import { createRng } from "../../../src/base/rng.ts";
import { auc } from "../../../src/data/click-metrics/auc.ts";
import { compositions, type EmbeddingsOption, embeddingsOption } from "../../../src/engine/compositions/index.ts";
import { networkGraph } from "../../../src/engine/network-graph.ts";
import { binaryCrossEntropy } from "../../../src/engine/objectives/pointwise.ts";
import { graphOptimizer } from "../../../src/engine/optimizers/optimizer.ts";
import { optimizerOptions } from "../../../src/engine/optimizers/options.ts";
import { tableMemories } from "../../../src/engine/tables/memories.ts";
import { openTables } from "../../../src/engine/training/open-tables.ts";
import { createTrainer, type Feeds } from "../../../src/engine/training/trainer.ts";
import type { Graph } from "../../../src/graph/graph.ts";
import type { Runtime } from "../../../src/graph/runtime.ts";
import dlrm from "../../../src/networks/dlrm.ts";
import { onnxRuntime } from "../../../src/node/onnx-runtime.ts";
import { openKernels } from "../../../src/node/threads.ts";
import { encodeOnnx } from "../../../src/onnx/encode.ts";
import { observer } from "../../../src/pipeline/graphs/observe.ts";
import { packGraph } from "../../../src/pipeline/graphs/pack-graph.ts";
import { copyOf } from "../../../src/pipeline/graphs/pack-tables.ts";
import { registry } from "../../../src/pipeline/registry.ts";
import { defineCase, type Figures } from "../../case.ts";
import { round } from "../../spread.ts";

const [IDS, SMALL, FIELDS, NUMBERS, D] = [5_000_000, 100, 8, 4, 16];
const [BATCH, TRAINED, JUDGED] = [4096, 600, 50];
const THREADS = 2;

/** Those whose cost in operations grows with what they hold are small or slow. */
const ratios: Readonly<Record<string, readonly number[]>> = { "tensor-train": [512, 4096], "deep-hash": [4096] };

interface Batch {
  readonly feeds: Feeds;
  readonly label: Float32Array;
}
interface Found {
  readonly name: string;
  readonly bytes: number;
  readonly validation: number;
  readonly test: number;
}

/** Rows with one large and eight small columns, four numbers, and clicks. */
function draw(which: string): Batch {
  const rng = createRng(which);
  const ids = new BigInt64Array(BATCH * (1 + FIELDS));
  const numeric = new Float32Array(BATCH * NUMBERS);
  const label = new Float32Array(BATCH);
  for (let row = 0; row < BATCH; row++) {
    const id = Math.floor(IDS * rng.uniform() ** 3);
    const small = Array.from({ length: FIELDS }, (_, f) => IDS + f * SMALL + rng.below(SMALL));
    ids.set([id, ...small].map(BigInt), row * (1 + FIELDS));
    let z = 1.5 * taste(id, 0) - 1;
    for (let x = 1; x < 4; x++) z += taste(id, x) * taste(small[0]!, x);
    for (let x = 0; x < NUMBERS; x++) {
      numeric[row * NUMBERS + x] = rng.normal();
      z += 0.2 * numeric[row * NUMBERS + x]!;
    }
    label[row] = Number(rng.uniform() < sigmoid(z));
  }
  const feeds: Feeds = {
    ids: { dtype: "int64", dims: [BATCH, 1 + FIELDS], data: ids },
    numeric: { dtype: "float32", dims: [BATCH, NUMBERS], data: numeric },
  };
  return { feeds, label };
}

/** The x-th number of an id, always the same: a sum of three hashes in ±1, whose variance is 1. */
function taste(id: number, x: number): number {
  let sum = 0;
  for (let part = 0; part < 3; part++) {
    let state = Math.imul(id + 1, 0x9e3779b1) ^ Math.imul(3 * x + part + 1, 0x85ebca6b);
    state = Math.imul(state ^ (state >>> 16), 0x7feb352d);
    state = Math.imul(state ^ (state >>> 15), 0x846ca68b);
    sum += (2 * ((state ^ (state >>> 16)) >>> 0)) / 2 ** 32 - 1;
  }
  return sum;
}

const batchesOf = (part: string, count: number) => Array.from({ length: count }, (_, b) => draw(`${part} ${b}`));

export default defineCase({
  name: "dlrm-tables",
  summary:
    "DLRM with a table of 5 M ids on a made-up log: AUC and bytes of composed and of packed tables; of those at least 7.5 times smaller the best on validation must lose at most .005 of test AUC.",
  async run({ note }) {
    const runtime = onnxRuntime({ threads: THREADS });
    const kernels = await openKernels(THREADS);
    const train = batchesOf("train", TRAINED);
    const [validation, test] = [batchesOf("validation", JUDGED), batchesOf("test", JUDGED)];
    const found: Found[] = [];
    const observe = observer({ batches: () => [] }, runtime);
    const measure = async (name: string, graph: Graph) => {
      const onnx = encodeOnnx(graph);
      const [v, t] = [await quality(onnx, validation, runtime), await quality(onnx, test, runtime)];
      found.push({ name, bytes: onnx.length, validation: v, test: t });
      note(`${name}: AUC ${v.toFixed(4)} on validation, ${(onnx.length / 1e6).toFixed(2)} MB`);
    };
    try {
      const full = await learn(train, undefined, runtime);
      await measure("float32", full);
      for (const use of ["int8-row", "int4-row", "int2-row"]) {
        const packed = copyOf(full);
        const steps = [{ pass: registry.find("pass", use, use), options: {} }];
        await packGraph(
          packed,
          [{ name: "embedding" }],
          { tables: steps, layers: [] },
          { kernels, observe, rowsGiven: false },
        );
        await measure(use, packed);
      }
      for (const { name } of compositions) {
        for (const ratio of ratios[name] ?? [8, 64, 512]) {
          const option = embeddingsOption.parse({ use: name, ratio });
          await measure(`${name}, ${ratio}×`, await learn(train, option, runtime));
        }
      }
    } finally {
      await kernels.close();
    }
    return figuresOf(found);
  },
});

/** One pass over the batches, one seed. */
async function learn(
  train: readonly Batch[],
  embeddings: EmbeddingsOption | undefined,
  runtime: Runtime,
): Promise<Graph> {
  const inputs = { fields: 1 + FIELDS, rows: IDS + FIELDS * SMALL, numeric: NUMBERS, bags: [], dense: [] };
  const options = dlrm.options.parse({ d: D, bottom: [32], hidden: [128, 64], dropout: 0 });
  const model = networkGraph(dlrm, options, inputs, createRng("dlrm"), embeddings);
  const memories = tableMemories(() => openKernels(THREADS));
  const tables = await openTables(model, memories, { use: "rowwise-adagrad" });
  const trainer = createTrainer({
    ...{ model, tables, accumulate: 1, rng: createRng("training"), runtime },
    objective: (g, { logits }) => binaryCrossEntropy(g, logits!, g.input("label", "float32", g.dims(logits!))),
    optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })),
    learningRate: () => 0.002,
    tablesLearningRate: () => 0.05,
  });
  try {
    for (const { feeds, label } of train) {
      await trainer.step({ ...feeds, label: { dtype: "float32", dims: [BATCH], data: label } });
    }
    return trainer.model().graph;
  } finally {
    await trainer.close();
    for (const table of Object.values(tables)) table.free();
    await memories.close();
  }
}

async function quality(onnx: Uint8Array, batches: readonly Batch[], runtime: Runtime): Promise<number> {
  const session = await runtime.open(onnx);
  const [labels, scores] = [new Float32Array(BATCH * batches.length), new Float32Array(BATCH * batches.length)];
  try {
    for (const [b, { feeds, label }] of batches.entries()) {
      labels.set(label, b * BATCH);
      scores.set((await session.run(feeds))["logits"]!.data as Float32Array, b * BATCH);
    }
  } finally {
    await session.close();
  }
  return auc(labels, scores);
}

function figuresOf(found: readonly Found[]): Figures {
  const full = found[0]!;
  const small = found.filter(({ bytes }) => full.bytes >= 7.5 * bytes);
  const best = small.sort((a, b) => b.validation - a.validation)[0]!;
  const loss = round(full.test - best.test);
  const each = found.flatMap(({ name, bytes, test }) => [
    [`${name}: AUC`, round(test)],
    [`${name}: MB`, Math.round(bytes / 1e4) / 100],
  ]);
  return {
    ...{ best: best.name, ratio: round(full.bytes / best.bytes), loss, verdict: loss <= 0.005 ? "pass" : "fail" },
    ...Object.fromEntries(each),
  };
}
