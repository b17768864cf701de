// What every network promises, whatever its formula.

import { describe, expect, test } from "vitest";
import { differentiate } from "../../src/autodiff/differentiate.ts";
import { UserError } from "../../src/base/errors.ts";
import { createRng, type Rng } from "../../src/base/rng.ts";
import type { Model } from "../../src/engine/training/model.ts";
import type { Graph, GraphNode, GraphValue } from "../../src/graph/graph.ts";
import { dtypeCode } from "../../src/graph/infer/dtypes.ts";
import { inferGraph } from "../../src/graph/infer/index.ts";
import { opsOn } from "../../src/graph/ops.ts";
import type { RunTensor } from "../../src/graph/runtime.ts";
import { typedBuilder } from "../../src/graph/typed-builder.ts";
import type { NetworkInputs, NetworkMethod } from "../../src/kinds/network.ts";
import { all } from "../../src/networks/index.ts";
import { encodeOnnx } from "../../src/onnx/encode.ts";
import {
  answers,
  built,
  mixtures,
  nothing,
  openGraph,
  randomFeeds,
  randomise,
  rowsOf,
  widths,
} from "../network-runs.ts";

const networks = all as unknown as readonly NetworkMethod[];
const batch = 7;

/** The network over the inputs, or undefined where it refuses them in a sentence. */
function accepted(network: NetworkMethod, inputs: NetworkInputs) {
  try {
    return built(network, widths(network, 10), inputs);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(new RegExp(`^${network.name}: .*\\.$`, "s"));
    return undefined;
  }
}

describe.each(networks)("$name", (network) => {
  test.each(Object.entries(mixtures))("over %s: one logit a row, the same in every batch", async (_, inputs) => {
    const model = accepted(network, inputs);
    if (!model) return;
    const { graph } = model;
    for (const size of [1, batch]) {
      expect(inferGraph(graph, { batch: size }).types.get("logits")).toEqual({ dtype: "float32", dims: [size] });
    }
    const rng = createRng(network.name);
    randomise(model, rng);
    const feeds = randomFeeds(inputs, batch, rng);
    const single = Array.from({ length: batch }, (__, row) => rowsOf(feeds, row, row + 1));
    const [whole, ...rows] = await answers(graph, feeds, ...single);
    for (const [row, { logits }] of rows.entries()) {
      const expected = whole!["logits"]!.data[row] as number;
      // Products of one row and of seven are summed in different orders: float32 rounding of sums of some hundred terms.
      expect(Math.abs((logits!.data[0] as number) - expected)).toBeLessThan(2e-5 * (1 + Math.abs(expected)));
    }
    expect(new Set(whole!["logits"]!.data as Float32Array).size).toBeGreaterThan(1);
  });

  test("it takes columns of some kind, and says so where there is none", () => {
    expect(Object.values(mixtures).some((inputs) => accepted(network, inputs))).toBe(true);
    expect(() => built(network, {}, nothing)).toThrow(UserError);
    const bag = (name: string) => ({ name, rows: 3, length: 2, pool: "sum" }) as const;
    expect(() => built(network, {}, { ...nothing, bags: [bag("a"), bag("a.mask")] })).toThrow(UserError);
  });

  test("the seed decides its start, to the byte", () => {
    const inputs = mixtures["user and item"]!;
    const bytes = (seed: number) => Buffer.from(encodeOnnx(built(network, {}, inputs, seed).graph));
    expect(bytes(1).equals(bytes(1))).toBe(true);
    expect(bytes(1).equals(bytes(2))).toBe(false);
  });

  test("what it trains is in the graph, once, and tables are read by Gather alone", () => {
    const { graph, weights, tables } = built(network, {}, mixtures["user and item"]!);
    const trained = [...weights, ...tables];
    expect(new Set(trained).size).toBe(trained.length);
    for (const name of trained) {
      expect(graph.initializers.get(name)?.dtype).toBe("float32");
      const readers = graph.nodes.filter(({ inputs }) => inputs.includes(name));
      expect(readers.length, `something reads ${name}`).toBeGreaterThan(0);
      if (tables.includes(name)) expect(readers.map(({ op }) => op)).toEqual(["Gather"]);
    }
  });

  test("the gradient of every weight and table is the one that finite differences find", async () => {
    const inputs = accepted(network, mixtures["everything"]!) ? mixtures["everything"]! : mixtures["user and item"]!;
    const model = built(network, widths(network, 10), inputs);
    const rng = createRng(`${network.name} gradient`);
    randomise(model, rng);
    const trained = [...model.weights, ...model.tables];
    const { graph, at } = gradientGraph(model, trained, batch, rng);
    const feeds = { ...at, ...toDouble(randomFeeds(inputs, batch, rng)) };
    const session = await openGraph(graph);
    try {
      const gradients = await session.run(feeds);
      for (const name of trained) {
        const { data } = at[name]!;
        const gradient = gradients[`d ${name}`]!.data as Float64Array;
        // An element that the batch touches, where there is one.
        const touched = Array.from(gradient.keys()).filter((i) => gradient[i] !== 0);
        expect(touched.length, `${name} moves the logits`).toBeGreaterThan(0);
        const i = touched[rng.below(touched.length)]!;
        const [start, step] = [data[i] as number, 1e-6];
        const side = async (shift: number) => {
          data[i] = start + shift;
          const { loss } = await session.run(feeds);
          data[i] = start;
          return loss!.data[0] as number;
        };
        const slope = ((await side(step)) - (await side(-step))) / (2 * step);
        // Losses of some hundreds keep ten digits behind the step in float64.
        expect(Math.abs(slope - gradient[i]!)).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
      }
    } finally {
      await session.close();
    }
  });
});

/** The graph in float64 with its weights as inputs, a loss Σ r · logit and its gradient by each of them, "d <name>". */
function gradientGraph(model: Model, trained: readonly string[], n: number, rng: Rng) {
  const graph = { ...model.graph, nodes: [...model.graph.nodes], outputs: [] as Graph["outputs"] };
  graph.initializers = new Map(model.graph.initializers);
  const g = opsOn(typedBuilder(graph, { batch: n }));
  const r = g.float(
    "r",
    [n],
    Float32Array.from({ length: n }, () => rng.normal()),
  );
  const loss = g.sum(g.mul("logits", r), []);
  const gradients = differentiate(g, loss, trained);
  g.output(loss, "loss");
  for (const name of trained) g.output(gradients.get(name)!, `d ${name}`);
  const at: Record<string, RunTensor> = {};
  for (const [name, tensor] of graph.initializers) {
    if (tensor.dtype !== "float32") continue;
    const double = {
      dtype: "float64",
      dims: tensor.dims,
      data: Float64Array.from(tensor.data as Float32Array),
    } as const;
    graph.initializers.set(name, double);
    if (!trained.includes(name)) continue;
    graph.initializers.delete(name);
    graph.inputs = [...graph.inputs, { name, dtype: "float64", shape: [...tensor.dims] }];
    at[name] = double;
  }
  const double = (value: GraphValue): GraphValue =>
    value.dtype === "float32" ? { ...value, dtype: "float64" } : value;
  graph.nodes = graph.nodes.flatMap((node) => {
    if (node.op === "HardSigmoid") return hardSigmoid(graph, node);
    if (node.op === "Cast" && node.attributes["to"] === dtypeCode.float32) node.attributes = { to: dtypeCode.float64 };
    return [node];
  });
  graph.inputs = graph.inputs.map(double);
  graph.outputs = graph.outputs.map(double);
  return { graph, at };
}

/** clip(αx + β, 0, 1): ONNX Runtime has HardSigmoid in float32 alone. */
function hardSigmoid(graph: Graph, { inputs, outputs, attributes }: GraphNode): GraphNode[] {
  const [y] = outputs as [string];
  const { alpha, beta } = attributes as Record<string, { float: number }>;
  const constant = (name: string, value: number) => {
    graph.initializers.set(`${y}.${name}`, { dtype: "float64", dims: [], data: Float64Array.of(value) });
    return `${y}.${name}`;
  };
  const node = (op: string, reads: string[], write: string) =>
    ({ name: write, op, domain: "", inputs: reads, outputs: [write], attributes: {} }) satisfies GraphNode;
  return [
    node("Mul", [inputs[0]!, constant("alpha", alpha!.float)], `${y}.scaled`),
    node("Add", [`${y}.scaled`, constant("beta", beta!.float)], `${y}.shifted`),
    node("Clip", [`${y}.shifted`, constant("low", 0), constant("high", 1)], y),
  ];
}

const toDouble = (feeds: Readonly<Record<string, RunTensor>>): Record<string, RunTensor> =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, feed]): [string, RunTensor] => [
      name,
      feed.dtype === "float32"
        ? { ...feed, dtype: "float64", data: Float64Array.from(feed.data as Float32Array) }
        : feed,
    ]),
  );
