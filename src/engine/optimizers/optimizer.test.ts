import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import type { Graph } from "../../graph/graph.ts";
import { opsOn } from "../../graph/ops.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import { elements } from "../../graph/tensor.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import { parseOptions } from "../../kinds/options.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { openKernels } from "../../node/threads.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { createEmbeddingTable } from "../tables/embedding-table.ts";
import { givenRows } from "../tables/init.ts";
import { tableMemories } from "../tables/memories.ts";
import { clipFactor } from "./clip.ts";
import { graphOptimizer } from "./optimizer.ts";
import { type OptimizerOptions, optimizerOptions } from "./options.ts";

type Numbers = readonly number[];

/** The weights after each step, beside their moving averages, of one graph that runs once a step. */
async function runSteps(
  options: OptimizerOptions,
  shapes: readonly Numbers[],
  start: readonly ArrayLike<number>[],
  gradients: readonly (readonly ArrayLike<number>[])[],
  rate = (_step: number): number => options.learningRate,
): Promise<{ weights: Float32Array[]; averages: (Float32Array | undefined)[] }[]> {
  const optimizer = graphOptimizer(options);
  const graph: Graph = {
    ...{ name: "update", opset: 21, domains: {}, inputs: [], outputs: [], nodes: [] },
    initializers: new Map(),
  };
  const g = opsOn(typedBuilder(graph));
  const names = shapes.map((dims, i) => g.input(`layer.${i}`, "float32", dims));
  const slopes = shapes.map((dims, i) => g.input(`gradient ${i}`, "float32", dims));
  const next = optimizer.update(g, names, slopes);
  for (const [name, value] of next) g.output(value, `${name}.next`);
  const session = await onnxRuntime({ threads: 1 }).open(encodeOnnx(graph));
  const tensor = (dims: Numbers, data: Float32Array): RunTensor => ({ dtype: "float32", dims, data });
  const held = new Map(
    next.map(([name]) => {
      const at = names.indexOf(name);
      const dims = g.dims(name);
      const data =
        at < 0 ? new Float32Array(elements(dims)).fill(optimizer.start(name)) : Float32Array.from(start[at]!);
      return [name, tensor(dims, data)];
    }),
  );
  const found = [];
  for (const [step, each] of gradients.entries()) {
    const scalars = Object.entries(optimizer.scalars(step, rate(step)));
    const outputs = await session.run({
      ...Object.fromEntries(held),
      ...Object.fromEntries(each.map((data, i) => [slopes[i]!, tensor(shapes[i]!, Float32Array.from(data))])),
      ...Object.fromEntries(scalars.map(([name, value]) => [name, tensor([], Float32Array.of(value))])),
    });
    for (const [name] of next) held.set(name, outputs[`${name}.next`]!);
    const numbers = (name: string | undefined) => name && (held.get(name)!.data as Float32Array);
    found.push({
      weights: names.map((name) => numbers(name) as Float32Array),
      averages: names.map((name) => numbers(optimizer.average(name)) || undefined),
    });
  }
  await session.close();
  return found;
}

function expectNear(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    expect(Math.abs(got[i]! - want[i]!)).toBeLessThan(tolerance * (1 + Math.abs(want[i]!)));
  }
}

interface Fixture {
  readonly shapes: Numbers[];
  readonly start: Numbers[];
  readonly gradients: Numbers[][];
  readonly cases: { readonly options: Record<string, unknown>; readonly after: Numbers[][] }[];
}
const fixture: Fixture = JSON.parse(readFileSync("test/fixtures/optimizers/steps.json", "utf8"));

test.each(fixture.cases)("five steps of PyTorch: $options", async ({ options, after }) => {
  const steps = await runSteps(optimizerOptions.parse(options), fixture.shapes, fixture.start, fixture.gradients);
  steps.forEach(({ weights }, step) => {
    // float32 against PyTorch in float64
    for (const [i, w] of weights.entries()) expectNear(w, after[step]![i]!, 1e-6);
  });
});

/** One element in float64: the textbook's formulas, which the graph rearranges. */
type Plain = (w: number, g: number, state: number[], t: number, rate: number) => number;

const plain = (o: OptimizerOptions): Plain => {
  const l2 = (w: number, g: number) => g + o.weightDecay * w;
  switch (o.use) {
    case "sgd":
      return (w, g, _state, _t, rate) => w - rate * l2(w, g);
    case "momentum":
      return (w, g, s, _t, rate) => {
        s[0] = o.momentum * (s[0] ?? 0) + l2(w, g);
        return w - rate * s[0];
      };
    case "adagrad":
      return (w, g, s, _t, rate) => {
        s[0] = (s[0] ?? o.initial) + l2(w, g) ** 2;
        return w - (rate * l2(w, g)) / (Math.sqrt(s[0]) + o.epsilon);
      };
    default:
      return (w, g, s, t, rate) => {
        const G = o.use === "adam" ? l2(w, g) : g;
        s[0] = o.beta1 * (s[0] ?? 0) + (1 - o.beta1) * G;
        s[1] = o.beta2 * (s[1] ?? 0) + (1 - o.beta2) * G * G;
        const move = s[0] / (1 - o.beta1 ** t) / (Math.sqrt(s[1] / (1 - o.beta2 ** t)) + o.epsilon);
        return w * (o.use === "adamw" ? 1 - rate * o.weightDecay : 1) - rate * move;
      };
  }
};

const uses = ["adam", "adamw", "sgd", "momentum", "adagrad"] as const;

test.each(uses)("%s follows its formula in float64, with a rate that changes and a moving average", async (use) => {
  const run = fc.asyncProperty(
    fc.integer(),
    fc.constantFrom(0, 0.1),
    fc.constantFrom(undefined, 0.5, 0.9),
    async (seed, weightDecay, ema) => {
      const options = optimizerOptions.parse({ use, weightDecay, ...(ema && { ema }) });
      const rng = createRng(seed);
      const normals = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
      const [shape, steps] = [[2, 3], 6];
      const start = normals(6);
      const gradients = Array.from({ length: steps }, () => [normals(6)]);
      const rate = (step: number) => 0.1 / (step + 1);
      const w = Float64Array.from(start);
      const average = new Float64Array(6);
      const states = Array.from({ length: 6 }, (): number[] => []);
      const update = plain(options);
      const found = await runSteps(options, [shape], [start], gradients, rate);
      found.forEach(({ weights, averages }, step) => {
        for (let i = 0; i < 6; i++) w[i] = update(w[i]!, gradients[step]![0]![i]!, states[i]!, step + 1, rate(step));
        // float32 against float64 over six steps of size 0.1 or less
        expectNear(weights[0]!, w, 3e-6);
        // The mean of all weights so far, until that is longer than the decay's memory.
        const fresh = Math.max(1 - (ema ?? 0), 1 / (step + 1));
        average.forEach((a, i) => {
          average[i] = a + fresh * (w[i]! - a);
        });
        if (ema === undefined) expect(averages[0]).toBeUndefined();
        else expectNear(averages[0]!, average, 3e-6);
      });
    },
  );
  await fc.assert(run, { numRuns: 8 });
});

test.each([
  [{ use: "sgd", weightDecay: 0.1 }],
  [{ use: "adagrad", initial: 0.1, weightDecay: 0.1 }],
  [{ use: "adam", weightDecay: 0.1 }],
  [{ use: "adamw", weightDecay: 0.1 }],
] as const)("a table whose rows are all touched learns what the graph learns: %o", async (options) => {
  const memories = tableMemories(() => openKernels(1));
  const [rows, width, steps] = [5, 7, 4];
  const rng = createRng(options.use);
  const normals = () => Float32Array.from({ length: rows * width }, () => rng.normal());
  const start = normals();
  const gradients = Array.from({ length: steps }, () => [normals()]);
  const clip = 3;
  const whole = optimizerOptions.parse({ ...options, clipNorm: clip, learningRate: 0.1 });
  const wanted = await runSteps(whole, [[rows, width]], [start], gradients);
  const table = await createEmbeddingTable({ memories, rows, width, optimizer: options, init: givenRows(start) });
  for (const [step, [gradient]] of gradients.entries()) {
    await table.accumulate(Int32Array.of(3, 0, 4, 2, 1), reorder(gradient!, [3, 0, 4, 2, 1], width));
    const scale = clipFactor(table.squaredNorm(), clip);
    expect(scale).toBeLessThan(1);
    await table.apply({ learningRate: 0.1, step: step + 1, scale });
    // Both are float32; the graph folds the corrections into other factors.
    expectNear(table.table(), wanted[step]!.weights[0]!, 2e-6);
  }
  await memories.close();
});

const reorder = (values: Float32Array, order: readonly number[], width: number) =>
  Float32Array.from(order.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]));

test("a gradient of zero, one that is tiny and one that is not finite", async () => {
  const step = async (gradient: number) => {
    const options = optimizerOptions.parse({ use: "sgd", learningRate: 1, clipNorm: 1 });
    return (await runSteps(options, [[1]], [[0]], [[[gradient]]]))[0]!.weights[0]![0]!;
  };
  expect(await step(0)).toBeCloseTo(0, 10);
  expect(await step(1e-20)).toBeCloseTo(-1e-20, 25);
  // It must show, so that the training stops.
  expect(await step(Number.POSITIVE_INFINITY)).toBeNaN();
});

test("mistakes in the options are one sentence", () => {
  const parse = (given: unknown) => () => parseOptions(optimizerOptions, given, "optimizer");
  expect(parse({ use: "adamm" })).toThrow(
    'optimizer: use must be one of adam, adamw, sgd, momentum, adagrad, got "adamm".',
  );
  expect(parse({})).toThrow("optimizer: use must be one of adam, adamw, sgd, momentum, adagrad, got undefined.");
  expect(parse({ use: "sgd", momentum: 0.9 })).toThrow('optimizer: there is no option "momentum".');
  expect(parse({ use: "adam", learningRate: 0 })).toThrow("optimizer: learningRate must be more than 0, got 0.");
  expect(parse({ use: "adam", ema: 1 })).toThrow("optimizer: ema must be less than 1, got 1.");
  expect(parse({ use: "adam", schedule: { use: "cosin" } })).toThrow(
    'optimizer: schedule.use must be one of constant, linear, cosine, step, got "cosin".',
  );
});
