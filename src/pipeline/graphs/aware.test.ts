// Graphs that learn toward passes: what the passes make of what was learnt answers as it answered in training, and the
// passes find what they leave.

import { afterAll, expect, test } from "vitest";
import { openGraph } from "../../../test/run-graph.ts";
import { createRng } from "../../base/rng.ts";
import { binaryCrossEntropy } from "../../engine/objectives/pointwise.ts";
import { graphOptimizer } from "../../engine/optimizers/optimizer.ts";
import { optimizerOptions } from "../../engine/optimizers/options.ts";
import { tableMemories } from "../../engine/tables/memories.ts";
import { openTables } from "../../engine/training/open-tables.ts";
import { trainableModel } from "../../engine/training/trainable.ts";
import { createTrainer } from "../../engine/training/trainer.ts";
import { buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { elements, float32, int64 } from "../../graph/tensor.ts";
import { verify } from "../../graph/verify.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { openKernels } from "../../node/threads.ts";
import { registry } from "../registry.ts";
import { awareModel } from "./aware.ts";
import { observer } from "./observe.ts";
import { type LayerStep, packGraph, type Steps } from "./pack-graph.ts";
import { copyOf } from "./pack-tables.ts";

const runtime = onnxRuntime({ threads: 1 });
const kernels = await openKernels(1);
const memories = tableMemories(() => openKernels(1));
afterAll(async () => {
  await memories.close();
  await kernels.close();
});

const [ROWS, FIELDS, D] = [40, 3, 8];

/** Three ids' rows → 64 → 32 → a logit, with Dropout and a norm between; the head is too small for 8 bits. */
function network(): Graph {
  const b = buildGraph("network", 21);
  const rng = createRng("network");
  const weight = (name: string, dims: number[], spread: number) =>
    b.constant(
      name,
      float32(
        dims,
        Float32Array.from({ length: elements(dims) }, () => spread * rng.normal()),
      ),
    );
  const filled = (name: string, value: number) => b.constant(name, float32([64], new Float32Array(64).fill(value)));
  const ids = b.input("ids", "int64", ["batch", FIELDS]);
  const rows = b.node("Gather", [weight("table", [ROWS, D], 0.3), ids], { axis: 0 });
  const x = b.node("Reshape", [rows, b.constant("flat", int64(-1, FIELDS * D))]);
  const first = b.node("Gemm", [x, weight("0.weight", [FIELDS * D, 64], 0.3), weight("0.bias", [64], 0.1)]);
  const norm = [filled("scale", 1), weight("shift", [64], 0.1), filled("mean", 0), filled("variance", 1)];
  const hidden = b.node("Relu", [b.node("BatchNormalization", [first, ...norm])]);
  const kept = b.node("Dropout", [hidden, b.constant("ratio", float32([], Float32Array.of(0.2)))]);
  const second = b.node("Gemm", [kept, weight("1.weight", [32, 64], 0.3), weight("1.bias", [32], 0.1)], { transB: 1 });
  b.node("MatMul", [b.node("Relu", [second]), weight("head", [32, 1], 0.3)], {}, "y");
  b.output("y", "float32", ["batch", 1]);
  return b.graph;
}

function batch(n: number, seed: string) {
  const rng = createRng(seed);
  const ids = BigInt64Array.from({ length: n * FIELDS }, () => BigInt(rng.below(ROWS)));
  const label = Float32Array.from({ length: n }, (_, r) =>
    Number((ids[r * FIELDS]! + ids[r * FIELDS + 1]!) % 3n === 0n),
  );
  const feeds = { ids: { dtype: "int64" as const, dims: [n, FIELDS], data: ids } };
  return { feeds, label: { dtype: "float32" as const, dims: [n, 1], data: label } };
}

const layer = (use: string, options: object = {}): LayerStep => ({
  pass: registry.findForLayers(use, "layers"),
  options,
});
const table = (use: string, options: object = {}) => ({ pass: registry.find("pass", use, "passes"), options });

type Learning = Awaited<ReturnType<typeof awareModel>>["model"];

async function trainerOf(model: Learning, optimizer: object = { use: "adam" }, learningRate = 0.01) {
  return createTrainer({
    ...{ model, accumulate: 1, runtime, rng: createRng("train"), learningRate: () => learningRate },
    tables: await openTables(model, memories, { use: "sgd" }),
    optimizer: graphOptimizer(optimizerOptions.parse(optimizer)),
    objective: (g, { y }) => binaryCrossEntropy(g, y!, g.input("label", "float32", ["batch", 1])),
  });
}

const observe = observer({ batches: () => [batch(256, "look").feeds] }, runtime);

const around = { observe, refused: new Set<string>() };

/** Trains toward the steps; the learnt graph, that graph packed, and what training last answered. */
async function learnt(steps: Steps, given = network(), updates = 30) {
  const aware = await awareModel(trainableModel(given), ["table"], steps, around);
  const trainer = await trainerOf(aware.model);
  for (let at = 0; at < updates; at++) {
    const { feeds, label } = batch(64, `batch ${at}`);
    await trainer.step({ ...feeds, label });
  }
  const answered = Array.from((await trainer.predict(batch(200, "asked").feeds))["y"]!.data as Float32Array);
  const trained = trainer.model().graph.initializers;
  const graph = await aware.settled(trained, runtime);
  await trainer.close();
  verify(graph);
  const packed = copyOf(graph);
  await packGraph(packed, [{ name: "table" }], steps, { kernels, observe, rowsGiven: true });
  verify(packed);
  return { trained, graph, packed, answered };
}

async function answers(graph: Graph): Promise<number[]> {
  const session = await openGraph(graph);
  try {
    return (await session.run(batch(200, "asked").feeds))["y"]!;
  } finally {
    await session.close();
  }
}

/** Differences in rising order, as shares of the largest answer. */
function apart(a: readonly number[], b: readonly number[]): number[] {
  const size = Math.max(...a.map(Math.abs));
  return a.map((x, i) => Math.abs(x - b[i]!) / size).sort((x, y) => x - y);
}

test.each([
  ["int4-row", {}],
  ["int8-row", { reduceRange: true }],
  ["int2-row", { perChannel: false }],
])("toward %s and 8-bit layers: what is packed answers as training did", async (rows, how) => {
  const steps = { tables: [table(rows)], layers: [layer("quantize-static", how)] };
  const { trained, graph, packed, answered } = await learnt(steps);
  expect(apart(answered, await answers(graph))[199]).toBeLessThan(1e-6);
  const differences = apart(answered, await answers(packed));
  // Sums of whole numbers round otherwise than those of float32: now and then a number falls to the other side of a step.
  expect(differences[120]).toBeLessThan(1e-6);
  expect(differences[199]).toBeLessThan(0.01);
  // What is rounded is not next to nothing.
  const free = copyOf(trainableModel(network()).graph);
  for (const name of free.initializers.keys()) free.initializers.set(name, trained.get(name)!);
  expect(apart(answered, await answers(free))[100]).toBeGreaterThan(1e-3);
  const int8 = packed.initializers.get("0.weight.int8")!.data as Int8Array;
  const scales = packed.initializers.get("0.weight.scales")!.data as Float32Array;
  const weight = graph.initializers.get("0.weight")!.data as Float32Array;
  for (const [i, w] of weight.entries()) expect(Math.abs(int8[i]! * scales[i % scales.length]! - w)).toBeLessThan(1e-6);
});

test("a step is that of the projected weights, taken by the weights themselves", async () => {
  const steps = { tables: [table("int2-row")], layers: [layer("int4-row")] };
  const model = trainableModel(network());
  const aware = await awareModel(model, ["table"], steps, around);
  const projected = { ...model, graph: await aware.settled(aware.model.graph.initializers, runtime) };
  const { feeds, label } = batch(64, "batch");
  const moved: Map<string, number[]>[] = [];
  for (const one of [aware.model, projected]) {
    const trainer = await trainerOf(one, { use: "sgd" }, 1);
    await trainer.step({ ...feeds, label });
    const now = trainer.model().graph.initializers;
    const step = (name: string) => {
      const was = one.graph.initializers.get(name)!.data as Float32Array;
      return Array.from(now.get(name)!.data as Float32Array, (w, i) => w - was[i]!);
    };
    moved.push(new Map(["table", "0.weight", "1.weight", "head", "1.bias"].map((name) => [name, step(name)])));
    await trainer.close();
  }
  for (const [name, step] of moved[0]!) {
    expect(Math.max(...step.map(Math.abs))).toBeGreaterThan(1e-3);
    for (const [i, d] of moved[1]!.get(name)!.entries()) expect(Math.abs(step[i]! - d)).toBeLessThan(2e-6);
  }
});

test("ranges start from rows and follow batches", async () => {
  const steps = { tables: [], layers: [layer("quantize-static", { averaging: 0.25 })] };
  const aware = await awareModel(trainableModel(network()), [], steps, around);
  const [first] = aware.model.ranges!;
  const end = (of: Graph["initializers"], name: string) => (of.get(name)!.data as Float32Array)[0]!;
  const rows = network().initializers.get("table")!.data as Float32Array;
  const read = (ids: BigInt64Array) =>
    Array.from(ids).flatMap((id) => Array.from(rows.subarray(Number(id) * D, (Number(id) + 1) * D)));
  const looked = read(batch(256, "look").feeds.ids.data);
  expect(end(aware.model.graph.initializers, first!.hi)).toBeCloseTo(Math.max(...looked), 5);
  const { feeds, label } = batch(4, "few");
  const trainer = await trainerOf(aware.model);
  await trainer.step({ ...feeds, label });
  const now = trainer.model().graph.initializers;
  const own = read(feeds.ids.data);
  expect(end(now, first!.hi)).toBeCloseTo(0.75 * Math.max(...looked) + 0.25 * Math.max(...own), 5);
  expect(end(now, first!.lo)).toBeCloseTo(0.75 * Math.min(...looked) + 0.25 * Math.min(...own), 5);
  await trainer.close();
});

test("a graph that learnt its ranges keeps them: in further training, and calibrated on other rows", async () => {
  const steps = { tables: [], layers: [layer("quantize-static")] };
  const { graph } = await learnt(steps, network(), 5);
  const again = await awareModel(trainableModel(graph), [], steps, around);
  expect(again.model.ranges).toEqual([]);
  const others = observer({ batches: () => [batch(3, "others").feeds] }, runtime);
  const [ours, theirs] = [copyOf(graph), copyOf(graph)];
  await packGraph(ours, [], steps, { kernels, observe, rowsGiven: true });
  await packGraph(theirs, [], steps, { kernels, observe: others, rowsGiven: true });
  expect(await answers(ours)).toEqual(await answers(theirs));
  expect(ours.nodes.filter(({ op }) => op === "QuantizeLinear").length).toBe(2);
});

test("steps that training knows nothing of are named", async () => {
  const steps = { tables: [table("fp16"), table("int8-row")], layers: [layer("codebook"), layer("quantize-dynamic")] };
  const aware = await awareModel(trainableModel(network()), ["table"], steps, around);
  expect(aware.unknown).toEqual(["fp16", "codebook", "quantize-dynamic"]);
});
