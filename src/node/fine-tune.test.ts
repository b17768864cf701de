// Fine-tuning of what PyTorch exported (test/fixtures/foreign).

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createRng, type Rng } from "../base/rng.ts";
import { fullSoftmax } from "../engine/objectives/softmax.ts";
import type { Objective } from "../engine/training/training-graph.ts";
import type { Graph } from "../graph/graph.ts";
import type { RunTensor } from "../graph/runtime.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { type FineTuneOptions, fineTune } from "./fine-tune.ts";
import { onnxRuntime } from "./onnx-runtime.ts";

const fixture = (name: string): Graph => decodeOnnx(readFileSync(`test/fixtures/foreign/${name}.onnx`), name);
const numbers = (graph: Graph, name: string) => [...(graph.initializers.get(name)!.data as Float32Array)];

/** The mean squared error of the first output against `wanted`. */
const squaredError: Objective = (g, outputs) => {
  const [y] = Object.values(outputs) as [string];
  return g.mean(g.square(g.sub(y, g.input("wanted", "float32", ["batch"]))), []);
};

/** Rows of ids below `most` (and numbers), and whether the first id is even. */
function rows(graph: Graph, n: number, most: number, rng: Rng): Record<string, RunTensor> {
  const feeds = graph.inputs.map(({ name, dtype, shape }): [string, RunTensor] => {
    const dims = shape.map((d) => (typeof d === "string" ? n : d));
    const length = dims.reduce((a, b) => a * b, 1);
    if (dtype === "int64") {
      return [name, { dtype, dims, data: BigInt64Array.from({ length }, () => BigInt(rng.below(most))) }];
    }
    return [name, { dtype, dims, data: Float32Array.from({ length }, () => rng.normal()) }];
  });
  const [, ids] = feeds.find(([, { dtype }]) => dtype === "int64")!;
  const width = ids.data.length / n;
  const wanted = Float32Array.from({ length: n }, (_, i) =>
    Number((ids.data as BigInt64Array)[i * width]! % 2n === 0n),
  );
  return { ...Object.fromEntries(feeds), wanted: { dtype: "float32", dims: [n], data: wanted } };
}

const eight = [0, 1, 2, 3, 4, 5, 6, 7];
const tune = (graph: Graph, losses: number[], more: Partial<FineTuneOptions> = {}) =>
  fineTune(graph, {
    objective: squaredError,
    batches: (epoch) => eight.map((b) => ({ feeds: rows(graph, 64, 5, createRng(`${epoch} ${b}`)), rows: 64 })),
    epochs: 6,
    optimizer: { use: "adam", learningRate: 0.03 },
    rng: createRng("tune"),
    threads: 1,
    progress: ({ loss }) => losses.push(loss),
    ...more,
  });

test.each(["deepfm.dynamo", "deepfm.script", "dlrm.dynamo", "dlrm.script", "two-tower.dynamo", "two-tower.script"])(
  "%s learns another task, and the file that comes out answers as it learnt",
  async (name) => {
    const graph = fixture(name);
    const untouched = encodeOnnx(graph);
    const losses: number[] = [];
    const probe = rows(graph, 9, 5, createRng("probe"));
    let predicted: Float32Array = new Float32Array();
    const tuned = await tune(graph, losses, {
      metric: {
        better: "high",
        async measure(predict) {
          predicted = Object.values(await predict(probe))[0]!.data as Float32Array;
          return losses.length;
        },
      },
    });
    expect(losses[5]!).toBeLessThan(losses[0]! / 2);
    expect(tuned).toMatchObject({ epochs: 6, kept: 6, metric: 5 });
    expect(encodeOnnx(graph)).toEqual(untouched);
    const session = await onnxRuntime({ threads: 1 }).open(encodeOnnx(tuned.graph));
    const { wanted: _, ...feeds } = probe;
    const answer = Object.values(await session.run(feeds))[0]!.data;
    await session.close();
    expect([...answer].map(Number)).toEqual([...predicted].map((x) => expect.closeTo(x, 5)));
  },
);

test("a next-item model learns by full softmax, its additive mask stays", async () => {
  const graph = fixture("sasrec.dynamo");
  const losses: number[] = [];
  const sequences = (n: number, rng: Rng) => {
    const data = BigInt64Array.from({ length: n * 10 }, () => BigInt(1 + rng.below(60)));
    // What is learnt: an item follows itself.
    const next = BigInt64Array.from({ length: n }, (_, i) => data[i * 10 + 9]!);
    return {
      item_seq: { dtype: "int64", dims: [n, 10], data },
      next: { dtype: "int64", dims: [n], data: next },
    } as const;
  };
  const tuned = await tune(graph, losses, {
    objective: (g, { scores }) => fullSoftmax(g, scores!, g.input("next", "int64", ["batch"])),
    batches: (epoch) => eight.map((b) => ({ feeds: sequences(64, createRng(`${epoch} ${b}`)), rows: 64 })),
    optimizer: { use: "adamw", learningRate: 0.02, schedule: { use: "cosine", warmup: 2 }, clipNorm: 1 },
  });
  expect(losses[5]!).toBeLessThan(losses[0]! / 2);
  expect(tuned.graph.opset).toBe(21);
  expect(numbers(tuned.graph, "triu")).toEqual(numbers(graph, "triu"));
  expect(numbers(tuned.graph, "item_emb.weight")).not.toEqual(numbers(graph, "item_emb.weight"));
});

test("only the weights that are named move", async () => {
  const graph = fixture("deepfm.script");
  const tuned = await tune(graph, [], { weights: ["linear.weight", "mlp.6.bias"], epochs: 1 });
  const moved = [...graph.initializers].flatMap(([name, { dtype }]) =>
    dtype === "float32" && numbers(graph, name).some((x, i) => x !== numbers(tuned.graph, name)[i]) ? [name] : [],
  );
  expect(moved).toEqual(["linear.weight", "mlp.6.bias"]);
});

test("a name of no weight, and an option that does not exist, are sentences", async () => {
  const graph = fixture("deepfm.script");
  await expect(tune(graph, [], { weights: ["mlp.6.bais"] })).rejects.toThrow(
    'weights: there is no float32 initializer "mlp.6.bais". Did you mean "mlp.6.bias"?',
  );
  await expect(tune(graph, [], { optimizer: { use: "adam", learningrate: 1 } as never })).rejects.toThrow(
    /learningrate/,
  );
});
