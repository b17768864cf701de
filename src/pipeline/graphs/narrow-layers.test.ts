// Neurons that go, on networks of ours and on what PyTorch exported.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runGraph } from "../../../test/run-graph.ts";
import { createRng } from "../../base/rng.ts";
import { networkGraph } from "../../engine/network-graph.ts";
import { networkSize } from "../../engine/network-size.ts";
import type { Graph } from "../../graph/graph.ts";
import { elements, float32 } from "../../graph/tensor.ts";
import { verify } from "../../graph/verify.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import { registry } from "../registry.ts";
import { sampleFeeds } from "../sample-feeds.ts";
import { narrowLayers } from "./narrow-layers.ts";
import { copyOf } from "./pack-tables.ts";

const inputs = { fields: 3, rows: 30, numeric: 0, bags: [], dense: [] };
const rng = createRng("narrow");

/** A network with numbers of a trained one's kind in its norms. */
function network(use: string, options: object): Graph {
  const method = registry.find("network", use, "test");
  const { graph } = networkGraph(method, method.options.parse(options), inputs, rng.fork("start"));
  for (const [name, { dims }] of graph.initializers) {
    if (!/norm/.test(name)) continue;
    const positive = /scale|variance/.test(name);
    const draw = () => (positive ? 0.5 + rng.uniform() : rng.normal());
    graph.initializers.set(name, float32(dims, Float32Array.from({ length: elements(dims) }, draw)));
  }
  return graph;
}

const feedsOf = (graph: Graph) =>
  sampleFeeds(
    inspectModel(graph, () => true),
    64,
    createRng("feeds"),
  );

async function apart(one: Graph, other: Graph): Promise<number> {
  const feeds = feedsOf(one);
  const [a, b] = [await runGraph(one, feeds), await runGraph(other, feeds)];
  return Math.max(...Object.keys(a).flatMap((name) => Array.from(a[name]!, (x, i) => Math.abs(x - b[name]![i]!))));
}

const deep = { d: 4, hidden: [32, 16], dropout: 0.2 };

test("half of every hidden layer's neurons go, and half of the work in it", () => {
  const graph = network("deepfm", deep);
  const narrow = copyOf(graph);
  expect(narrowLayers(narrow, 0.5)).toEqual([
    { name: "mlp.0.weight", before: 32, after: 16 },
    { name: "mlp.1.weight", before: 16, after: 8 },
  ]);
  verify(narrow);
  const size = (of: Graph) => networkSize({ graph: of, weights: [...of.initializers.keys()], tables: [] });
  expect(size(narrow).weights).toBeLessThan(0.75 * size(graph).weights);
  expect(size(narrow).flops).toBeLessThan(0.55 * size(graph).flops);
  expect(narrow.initializers.get("mlp.1.weight")!.dims).toEqual([16, 8]);
});

test.each([
  ["deepfm", deep],
  ["dcnv2", { ...deep, crossLayers: 1 }],
])("of %s neurons that never vary go without a trace", async (use, options) => {
  const graph = network(use, options);
  const scale = graph.initializers.get("mlp.0.norm.scale")!.data as Float32Array;
  const second = graph.initializers.get("mlp.1.norm.scale")!.data as Float32Array;
  for (const [j] of scale.entries()) if (j % 2 === 0) scale[j] = 0;
  for (const [j] of second.entries()) if (j % 2 === 1) second[j] = 0;
  const narrow = copyOf(graph);
  expect(narrowLayers(narrow, 0.5)).toHaveLength(2);
  expect(await apart(graph, narrow)).toBeLessThan(1e-4);
});

test("without a norm the neurons of small weights go: those that nothing reads, without a trace", async () => {
  const graph = network("deepfm", { d: 4, hidden: [32], dropout: 0, batchNorm: false });
  const after = graph.initializers.get("head.weight")!.data as Float32Array;
  for (const [j] of after.entries()) if (j % 2 === 0) after[j] = 0;
  const narrow = copyOf(graph);
  expect(narrowLayers(narrow, 0.5)).toEqual([{ name: "mlp.0.weight", before: 32, after: 16 }]);
  expect(await apart(graph, narrow)).toBeLessThan(1e-6);
});

test("moved means keep the answers nearer than leaving them out", async () => {
  const graph = network("deepfm", { ...deep, hidden: [64] });
  const narrow = copyOf(graph);
  narrowLayers(narrow, 0.3);
  const without = copyOf(narrow);
  for (const [name, { dims }] of without.initializers) {
    if (name.endsWith(".means")) without.initializers.set(name, float32(dims, new Float32Array(elements(dims))));
  }
  const feeds = feedsOf(graph);
  const logits = async (of: Graph) => (await runGraph(of, feeds))["logits"]!;
  const whole = await logits(graph);
  const error = async (of: Graph) => (await logits(of)).reduce((sum, z, i) => sum + (z - whole[i]!) ** 2, 0);
  expect(await error(narrow)).toBeLessThan(await error(without));
});

describe.each(["deepfm.script", "dlrm.dynamo", "two-tower.dynamo"])("%s, exported by PyTorch", (name) => {
  test("is narrowed, and runs", async () => {
    const graph = decodeOnnx(readFileSync(`test/fixtures/foreign/${name}.onnx`), name);
    const narrow = copyOf(graph);
    const layers = narrowLayers(narrow, 0.5);
    expect(layers.length).toBeGreaterThan(0);
    verify(narrow);
    const numbers = (of: Graph) => [...of.initializers.values()].reduce((n, { dims }) => n + elements(dims), 0);
    expect(numbers(narrow)).toBeLessThan(numbers(graph));
    expect(await apart(graph, narrow)).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

test("a share of 0 takes out what a mask emptied, and no answer changes", async () => {
  const graph = network("wide-deep", { ...deep, batchNorm: false });
  for (const [name, { dims, data }] of graph.initializers) {
    if (!name.startsWith("mlp.")) continue;
    const [, outs = dims[0]!] = dims;
    // Half of the first layer has no numbers left; of the next three are read by nobody, one of the first has a bias.
    const gone = (i: number) =>
      /^mlp\.0\.(weight|bias)$/.test(name) ? i % outs >= 16 : name === "mlp.1.weight" && Math.floor(i / outs) < 3;
    const masked = (data as Float32Array).map((x, i) => (gone(i) ? 0 : x));
    if (name === "mlp.0.bias") masked[20] = 1;
    graph.initializers.set(name, float32(dims, masked));
  }
  const narrow = copyOf(graph);
  expect(narrowLayers(narrow, 0)).toEqual([{ name: "mlp.0.weight", before: 32, after: 14 }]);
  verify(narrow);
  expect(await apart(graph, narrow)).toBeLessThan(1e-5);
  expect(narrowLayers(narrow, 0)).toEqual([]);
});
