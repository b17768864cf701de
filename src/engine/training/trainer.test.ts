import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import { type Ops, opsOn } from "../../graph/ops.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import { float32 } from "../../graph/tensor.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { openKernels } from "../../node/threads.ts";
import { binaryCrossEntropy } from "../objectives/pointwise.ts";
import { graphOptimizer } from "../optimizers/optimizer.ts";
import { optimizerOptions } from "../optimizers/options.ts";
import { createEmbeddingTable } from "../tables/embedding-table.ts";
import { givenRows } from "../tables/init.ts";
import { type TableMemories, tableMemories } from "../tables/memories.ts";
import type { Model } from "./model.ts";
import { type LoopState, train } from "./train.ts";
import { createTrainer, type Feeds, type Trainer } from "./trainer.ts";

const [ROWS, D, FIELDS] = [12, 4, 3];
const runtime = onnxRuntime({ threads: 1 });
let memories: TableMemories;
beforeAll(() => {
  memories = tableMemories(() => openKernels(1));
});
afterAll(() => memories.close());

/** Embeddings of three fields, a hidden layer, one logit; `more` may put in what else a network has. */
function modelOf(asTable: boolean, more: (g: Ops, x: string) => string = (_g, x) => x): Model {
  const { graph } = buildGraph("small", 21);
  const g = opsOn(typedBuilder(graph, { batch: 5 }));
  const rng = createRng("model");
  const weight = (name: string, dims: number[]) =>
    g.constant(
      name,
      float32(
        dims,
        Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => rng.normal() / 2),
      ),
    );
  const table = weight("table", [ROWS, D]);
  const rows = g.gather(table, g.input("ids", "int64", ["batch", FIELDS]), 0);
  const hidden = more(g, g.gemm(g.reshape(rows, [0, -1]), weight("w1", [FIELDS * D, 6]), weight("b1", [6])));
  const logits = g.squeeze(g.matmul(g.tanh(hidden), weight("w2", [6, 1])), 1);
  g.output(logits, "logits", ["batch"]);
  const weights = ["w1", "b1", "w2"];
  return asTable ? { graph, weights, tables: ["table"] } : { graph, weights: [...weights, "table"], tables: [] };
}

async function trainerOf(model: Model, given: Record<string, unknown> = {}, accumulate = 1): Promise<Trainer> {
  const options = optimizerOptions.parse({ use: "adagrad", learningRate: 0.1, ...given });
  const tables = await Promise.all(
    model.tables.map(async (name) => {
      const { dims, data } = model.graph.initializers.get(name)!;
      const [rows, width] = dims as [number, number];
      const init = givenRows(data as Float32Array);
      return [
        name,
        await createEmbeddingTable({ memories, rows, width, optimizer: { use: "adagrad" }, init }),
      ] as const;
    }),
  );
  return createTrainer({
    ...{ model, optimizer: graphOptimizer(options), accumulate, tables: Object.fromEntries(tables), runtime },
    objective: (g, outputs) => binaryCrossEntropy(g, outputs["logits"]!, g.input("label", "float32", ["batch"])),
    learningRate: () => options.learningRate,
    rng: createRng("training"),
  });
}

function batch(n: number, seed: string): Feeds {
  const rng = createRng(seed);
  const ids = BigInt64Array.from({ length: n * FIELDS }, () => BigInt(rng.below(ROWS)));
  // What is learnt: whether the first field is in the lower half.
  const label = Float32Array.from({ length: n }, (_, i) => Number(ids[i * FIELDS]! < ROWS / 2));
  return {
    ids: { dtype: "int64", dims: [n, FIELDS], data: ids },
    label: { dtype: "float32", dims: [n], data: label },
  };
}

const numbers = (tensor: RunTensor | undefined) => [...(tensor!.data as Float32Array)];
const close = (got: readonly number[], want: readonly number[], digits = 5) => {
  expect(got.length).toBe(want.length);
  got.forEach((x, i) => {
    expect(x).toBeCloseTo(want[i]!, digits);
  });
};
const part = (feeds: Feeds, from: number, to: number): Feeds =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, dims, data }]) => {
      const width = dims.slice(1).reduce((a, b) => a * b, 1);
      return [name, { dtype, dims: [to - from, ...dims.slice(1)], data: data.slice(from * width, to * width) }];
    }),
  ) as Feeds;

test("a table outside the graph learns what a weight inside it learns", async () => {
  const [outside, inside] = [await trainerOf(modelOf(true)), await trainerOf(modelOf(false))];
  for (let step = 0; step < 5; step++) {
    const feeds = batch(step === 3 ? 7 : 16, `batch ${step}`);
    expect(await outside.step(feeds)).toBeCloseTo(await inside.step(feeds), 5);
  }
  const probe = batch(9, "probe");
  close(numbers((await outside.predict(probe))["logits"]), numbers((await inside.predict(probe))["logits"]), 4);
  for (const name of ["table", "w1", "b1", "w2"]) {
    const of = (trainer: Trainer) => [...(trainer.model().graph.initializers.get(name)!.data as Float32Array)];
    close(of(outside), of(inside), 4);
  }
});

test("two halves accumulated are one whole", async () => {
  const [whole, halves] = [await trainerOf(modelOf(true)), await trainerOf(modelOf(true), {}, 2)];
  for (let step = 0; step < 3; step++) {
    const feeds = batch(16, `batch ${step}`);
    const loss = await whole.step(feeds);
    const mean = ((await halves.step(part(feeds, 0, 8))) + (await halves.step(part(feeds, 8, 16)))) / 2;
    expect(mean).toBeCloseTo(loss, 5);
  }
  expect(halves.updates()).toBe(3);
  const probe = batch(9, "probe");
  close(numbers((await halves.predict(probe))["logits"]), numbers((await whole.predict(probe))["logits"]), 4);
});

test("training goes on from a checkpoint to the same bits, dropout and all", async () => {
  const dropped = (g: Ops, x: string) => g.node("Dropout", [x, g.scalar(0.4)]);
  const trainer = await trainerOf(modelOf(true, dropped), { use: "adam", ema: 0.9 });
  for (let step = 0; step < 3; step++) await trainer.step(batch(8, `batch ${step}`));
  const kept = trainer.checkpoint();
  const go = async (from: Trainer) => {
    const losses: number[] = [];
    for (let step = 3; step < 6; step++) losses.push(await from.step(batch(8, `batch ${step}`)));
    return [...losses, ...numbers((await from.predict(batch(9, "probe")))["logits"])];
  };
  const first = await go(trainer);
  const other = await trainerOf(modelOf(true, dropped), { use: "adam", ema: 0.9 });
  other.restore(kept);
  expect(await go(other)).toEqual(first);
  trainer.restore(kept);
  expect(await go(trainer)).toEqual(first);
});

test("dropout drops its share while training, and nothing when it answers", async () => {
  const plain = await trainerOf(modelOf(true));
  const dropped = await trainerOf(modelOf(true, (g, x) => g.node("Dropout", [x, g.scalar(0.5)])));
  const feeds = batch(64, "batch");
  close(numbers((await dropped.predict(feeds))["logits"]), numbers((await plain.predict(feeds))["logits"]));
  expect(await dropped.step(feeds)).not.toBeCloseTo(await plain.step(feeds), 3);
});

test("batch normalisation learns by its batch and answers by its moving statistics", async () => {
  const normal = (g: Ops, x: string) => {
    const fill = (name: string, value: number) => g.constant(name, float32([6], new Float32Array(6).fill(value)));
    const inputs = [x, fill("scale", 1), fill("shift", 0), fill("mean", 0), fill("variance", 1)];
    return g.node("BatchNormalization", inputs, { epsilon: { float: 1e-5 }, momentum: { float: 0.5 } });
  };
  const trainer = await trainerOf(modelOf(true, normal), { learningRate: 1e-6 });
  const feeds = batch(64, "batch");
  const loss = await trainer.step(feeds);
  for (let step = 0; step < 20; step++) await trainer.step(feeds);
  // The moving statistics have become the batch's, so both forms say the same.
  const logits = numbers((await trainer.predict(feeds))["logits"]);
  const labels = numbers(feeds["label"]);
  const entropy = logits.map((z, i) => Math.log1p(Math.exp(z)) - labels[i]! * z).reduce((a, b) => a + b) / 64;
  expect(entropy).toBeCloseTo(loss, 3);
});

describe("train", () => {
  const loop = async (trainer: Trainer, more: Partial<Parameters<typeof train>[0]> = {}) => {
    const held = batch(64, "held back");
    const labels = numbers(held["label"]);
    return train({
      trainer,
      batches: (epoch) => [0, 1, 2].map((b) => ({ feeds: batch(32, `${epoch} ${b}`), rows: 32 })),
      epochs: 8,
      metric: {
        better: "high",
        async measure() {
          const logits = numbers((await trainer.predict(held))["logits"]);
          return logits.filter((z, i) => z > 0 === (labels[i] === 1)).length / 64;
        },
      },
      clock: () => 0,
      progress: () => {},
      ...more,
    });
  };

  test("learns, and leaves the trainer in its best epoch", async () => {
    const trainer = await trainerOf(modelOf(true));
    const { metric, epochs } = await loop(trainer);
    expect(metric).toBeGreaterThan(0.9);
    expect(epochs).toBe(8);
  });

  test("stops when the metric has not become better for as long as patience says", async () => {
    const metrics = [1, 2, 1, 1, 3];
    const trainer = await trainerOf(modelOf(true));
    const metric = { better: "high" as const, measure: async () => metrics.shift()! };
    expect(await loop(trainer, { metric, patience: 2 })).toEqual({ epochs: 4, kept: 2, metric: 2 });
    expect(trainer.updates()).toBe(6);
  });

  test("goes on from a saved state to the same bits", async () => {
    const probe = batch(9, "probe");
    const whole = await trainerOf(modelOf(true));
    await loop(whole);
    const first = await trainerOf(modelOf(true));
    const saved: LoopState[] = [];
    await loop(first, {
      epochs: 3,
      async save(state) {
        saved.push(state);
      },
    });
    const second = await trainerOf(modelOf(true));
    await loop(second, { resume: saved[2]! });
    expect(numbers((await second.predict(probe))["logits"])).toEqual(numbers((await whole.predict(probe))["logits"]));
  });

  test("a loss that is no number stops with the update, the tensor and advice", async () => {
    const trainer = await trainerOf(modelOf(true));
    const { ids, label } = batch(8, "broken");
    const broken = { ids: ids!, label: { ...label!, data: new Float32Array(8).fill(Number.NaN) } };
    const before = trainer.checkpoint();
    await expect(loop(trainer, { batches: () => [{ feeds: broken, rows: 8 }] })).rejects.toThrow(
      'training diverged: the loss of update 1 is NaN. The first tensor that is not finite is "w1.next". Lower the',
    );
    expect(trainer.checkpoint()).toEqual({ ...before, graph: expect.anything() });
  });

  test("a loss that explodes without being infinite stops too", async () => {
    const trainer = await trainerOf(modelOf(true), { use: "sgd", learningRate: 1e30 });
    await expect(loop(trainer)).rejects.toThrow(
      /^training diverged: the loss stayed above .+ for 10 steps up to update/,
    );
  });
});

test("a table that is read by more than Gather is refused by name", async () => {
  const { graph } = buildGraph("tied", 21);
  const g = opsOn(typedBuilder(graph, { batch: 5 }));
  const table = g.constant("items", float32([ROWS, D], new Float32Array(ROWS * D)));
  const rows = g.gather(table, g.input("ids", "int64", ["batch"]), 0);
  g.output(g.sum(g.matmul(rows, g.transpose(table, [1, 0])), [1]), "logits", ["batch"]);
  const trainer = await trainerOf({ graph, weights: [], tables: ["items"] });
  await expect(trainer.step(batch(5, "b"))).rejects.toThrow('table "items": Transpose reads it beside Gather');
});
