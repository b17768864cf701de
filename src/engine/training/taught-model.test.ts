import { describe, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { batches, type Examples } from "../../data/examples.ts";
import { openSharedKernels } from "../../kernels/open-shared.ts";
import bced from "../../losses/bced.ts";
import logitMse from "../../losses/logit-mse.ts";
import deepfm from "../../networks/deepfm.ts";
import lr from "../../networks/lr.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { networkGraph } from "../network-graph.ts";
import { graphOptimizer } from "../optimizers/optimizer.ts";
import { optimizerOptions } from "../optimizers/options.ts";
import { tableMemories } from "../tables/memories.ts";
import { tableOptimizerOptions } from "../tables/options.ts";
import { openTables } from "./open-tables.ts";
import { type Teachers, taughtModel } from "./taught-model.ts";
import { createTrainer } from "./trainer.ts";

const inputs = { fields: 2, rows: 12, numeric: 0, bags: [], dense: [] };
const rng = createRng("rows");
const n = 64;
const examples: Examples = {
  ...{ n, fields: 2, numbers: 0, numeric: new Float32Array(0), bags: [], dense: [] },
  ids: Int32Array.from({ length: 2 * n }, (_, i) => (i % 2) * 6 + rng.below(6)),
  label: Float32Array.from({ length: n }, () => rng.below(2)),
};
const truth = (row: number) => (examples.ids[2 * row]! % 3 === examples.ids[2 * row + 1]! % 3 ? 2 : -2);
const plan = (change: Partial<Teachers>): Teachers => ({
  ...{ count: 1, weights: "mean", alpha: 1, head: "served" },
  terms: [{ loss: logitMse, options: {}, weight: 1 }],
  ...change,
});

/** Trains DeepFM on what `said` says of each row; gives the logits that it serves and the model without helpers. */
async function learn(teachers: Teachers, said: (row: number) => readonly number[], steps = 120) {
  const plain = networkGraph(deepfm, deepfm.options.parse({ d: 4, hidden: [16] }), inputs, createRng("start"));
  const taught = taughtModel(plain, teachers, createRng("taught"));
  const memories = tableMemories(openSharedKernels);
  const tables = await openTables(taught.model, memories, tableOptimizerOptions.parse({ use: "adam" }));
  const trainer = createTrainer({
    ...{
      model: taught.model,
      objective: taught.objective,
      tables,
      accumulate: 1,
      runtime: onnxRuntime({ threads: 1 }),
    },
    ...{ rng: createRng("trainer"), optimizer: graphOptimizer(optimizerOptions.parse({ use: "adam" })) },
    learningRate: () => 0.02,
  });
  const losses: number[] = [];
  const { label, ...read } = [...batches(examples, { batch: n })][0]!.feeds;
  const teacher = Float32Array.from(Array.from({ length: n }, (_, r) => [...said(r)]).flat());
  const all = {
    ...read,
    label: label!,
    teacher: { dtype: "float32", dims: [n, teachers.count], data: teacher } as const,
  };
  for (let step = 0; step < steps; step++) losses.push(await trainer.step(all));
  const logits = (await trainer.predict(read))["logits"]!.data as Float32Array;
  const model = taught.without(trainer.model());
  const gate = trainer.model().graph.initializers.get("distill.gate.bias")?.data as Float32Array | undefined;
  await trainer.close();
  await memories.close();
  return { logits: logits.slice(), model, plain, gate, losses };
}

const distance = (z: Float32Array, of: (row: number) => number) =>
  z.reduce((sum, x, r) => sum + (x - of(r)) ** 2, 0) / n;

describe("a taught model", () => {
  test("alone with its teacher it says what that says, and ships without a trace of it", async () => {
    const { logits, model, plain, losses } = await learn(plan({}), (row) => [truth(row)]);
    expect(losses.at(-1)!).toBeLessThan(0.2 * losses[0]!);
    expect(distance(logits, truth)).toBeLessThan(1);
    expect([...model.graph.initializers.keys()]).toEqual([...plain.graph.initializers.keys()]);
    expect([model.weights, model.graph.outputs]).toEqual([plain.weights, plain.graph.outputs]);
  });

  test("several teachers count by their mean", async () => {
    const one = await learn(plan({}), (row) => [truth(row)], 5);
    const two = await learn(plan({ count: 2 }), (row) => [truth(row) + 3, truth(row) - 3], 5);
    two.logits.forEach((z, r) => {
      expect(z).toBeCloseTo(one.logits[r]!, 3);
    });
  });

  test("a gate finds the teacher that the labels agree with", async () => {
    const right = (row: number) => 4 * examples.label[row]! - 2;
    const { gate, logits } = await learn(plan({ count: 2, weights: "gated" }), (row) => [-right(row), right(row)]);
    expect(gate![1]!).toBeGreaterThan(gate![0]! + 0.5);
    expect(logits.reduce((sum, z, r) => sum + z * right(r), 0)).toBeGreaterThan(0);
  });

  test("with an auxiliary head the served logit keeps to the labels", async () => {
    const far = () => [40];
    const terms = [{ loss: logitMse, options: {}, weight: 0.01 }];
    const aside = await learn(plan({ alpha: 0.5, head: "auxiliary", terms }), far);
    const served = await learn(plan({ alpha: 0.5, head: "served", terms }), far);
    const mean = (z: Float32Array) => z.reduce((a, b) => a + b, 0) / n;
    expect(Math.abs(mean(aside.logits))).toBeLessThan(2);
    expect(mean(served.logits)).toBeGreaterThan(4);
    expect([...aside.model.graph.initializers.keys()]).toEqual([...aside.plain.graph.initializers.keys()]);
    expect(aside.model.graph.outputs).toEqual(aside.plain.graph.outputs);
  });

  test("without a hidden layer an auxiliary head is refused", () => {
    const bare = networkGraph(lr, {}, inputs, createRng(1));
    const terms = [{ loss: bced, options: { temperature: 1 }, weight: 1 }];
    expect(() => taughtModel(bare, plan({ head: "auxiliary", terms }), createRng(1))).toThrow(
      "lr: it has no hidden layer that an auxiliary head could read; take head: served.",
    );
  });
});
