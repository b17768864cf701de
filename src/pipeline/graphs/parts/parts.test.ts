// Heads, experts and blocks that go, from networks of ours, from what PyTorch exported and from graphs as others write them.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { apartBy, cutBy, numbersIn, wholeOf } from "../../../../test/graph-parts.ts";
import { createRng } from "../../../base/rng.ts";
import { networkGraph } from "../../../engine/network-graph.ts";
import { buildGraph } from "../../../graph/builder.ts";
import type { Graph, GraphNode } from "../../../graph/graph.ts";
import { type Ops, opsOn } from "../../../graph/ops.ts";
import { elements, float32 } from "../../../graph/tensor.ts";
import { typedBuilder } from "../../../graph/typed-builder.ts";
import { decodeOnnx } from "../../../onnx/decode.ts";
import { inspectModel } from "../../../recommender/foreign/inspect.ts";
import { registry } from "../../registry.ts";
import { sampleFeeds } from "../../sample-feeds.ts";
import { copyOf } from "../pack-tables.ts";
import { blocksOf } from "./blocks.ts";
import { expertsOf } from "./experts.ts";
import { headsOf } from "./heads.ts";

const rng = createRng("parts");
const drawn = (...dims: number[]) =>
  float32(
    dims,
    Float32Array.from({ length: elements(dims) }, () => 0.5 * rng.normal()),
  );
const exported = (name: string): Graph => decodeOnnx(readFileSync(`test/fixtures/foreign/${name}.onnx`), name);

function network(use: string, options: object): Graph {
  const method = registry.find("network", use, "test");
  const inputs = { fields: 3, rows: 30, numeric: 0, bags: [], dense: [] };
  const { graph } = networkGraph(method, method.options.parse(options), inputs, rng.fork("start"));
  for (const [name, { dims, dtype }] of graph.initializers)
    if (dtype === "float32" && dims.length > 1) graph.initializers.set(name, drawn(...dims));
  return graph;
}

const feedsOf = (graph: Graph) =>
  sampleFeeds(
    inspectModel(graph, () => true),
    48,
    createRng("feeds"),
  );

/** The constant with some of its numbers set to 0. */
function zero(graph: Graph, name: string, gone: (row: number, column: number) => boolean): void {
  const { dims, data } = graph.initializers.get(name)!;
  const [, columns = 1] = dims;
  const left = (data as Float32Array).map((x, i) => (gone(Math.floor(i / columns), i % columns) ? 0 : x));
  graph.initializers.set(name, float32(dims, left));
}

function build(of: (g: Ops) => string, width = 8): Graph {
  const graph = buildGraph("built", 21).graph;
  const g = opsOn(typedBuilder(graph, { batch: 7919 }));
  g.output(of(g), "answer", ["batch", width]);
  return graph;
}

describe.each(["sasrec.dynamo", "sasrec.script"])("heads of %s", (name) => {
  test("those whose rows of the weight behind are 0 go without a trace, queries, keys and values with them", async () => {
    const graph = exported(name);
    const heads = headsOf({ graph });
    expect(heads.map(({ group }) => group)).toHaveLength(4);
    expect(new Set(heads.map(({ group }) => group)).size).toBe(2);
    const output = graph.nodes.find(
      ({ op, inputs }) => op === "MatMul" && graph.initializers.get(inputs[1]!)?.dims[1] === 8,
    )!;
    zero(graph, output.inputs[1]!, (row) => row < 4);
    const left = await cutBy(wholeOf(graph), [heads[0]!], feedsOf(graph));
    expect(await apartBy(graph, left, feedsOf(graph))).toBeLessThan(1e-4);
    // Three parts of 8 × 4 weights and 4 biases, and 4 rows of the weight behind; shapes take some numbers more.
    expect(numbersIn(graph) - numbersIn(left.graph)).toBeGreaterThan(3 * 36 + 32 - 40);
    const both = await cutBy(wholeOf(graph), [heads[0]!, heads[3]!], feedsOf(graph));
    expect(numbersIn(both.graph)).toBeLessThan(numbersIn(left.graph) - 100);
    expect(await apartBy(graph, both, feedsOf(graph))).toBeLessThan(20);
  });
});

/** Attention over columns of a row, with weights of its own for each part; `bad` reads its scores by a norm over heads. */
const attention = (heads: number, bad = false) =>
  build((g) => {
    const x = g.input("rows", "float32", ["batch", 5, 8]);
    const project = (part: string) =>
      g.add(g.matmul(x, g.constant(`${part}.weight`, drawn(8, 8))), g.constant(`${part}.bias`, drawn(8)));
    const apart = (y: string, perm: number[]) => g.transpose(g.reshape(y, [0, 0, heads, 8 / heads]), perm);
    const scores = g.mul(
      g.matmul(apart(project("query"), [0, 2, 1, 3]), apart(project("key"), [0, 2, 3, 1])),
      g.scalar(0.5),
    );
    const shares = g.softmax(bad ? g.sub(scores, g.mean(scores, [1], true)) : scores);
    const mixed = g.matmul(shares, apart(project("value"), [0, 2, 1, 3]));
    const whole = g.matmul(
      g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [0, 0, 8]),
      g.constant("output.weight", drawn(8, 8)),
    );
    return g.sum(whole, [1]);
  });

const rowsOf5 = {
  rows: { dtype: "float32", dims: [16, 5, 8], data: Float32Array.from({ length: 640 }, () => rng.normal()) },
} as const;

test("a head that always gives the same goes without a trace, for its mean stays", async () => {
  const graph = attention(4);
  zero(graph, "value.weight", (_, column) => column >= 2 && column < 4);
  const heads = headsOf({ graph });
  expect(heads.map(({ name }) => name)).toEqual([0, 1, 2, 3].map((head) => `query.weight/${head}`));
  const left = await cutBy(wholeOf(graph), [heads[1]!], rowsOf5);
  expect(await apartBy(graph, left, rowsOf5)).toBeLessThan(1e-4);
  expect(left.graph.initializers.get("query.weight")!.dims).toEqual([8, 6]);
  expect(left.graph.initializers.get("output.weight")!.dims).toEqual([6, 8]);
});

test("heads that a norm mixes, or one alone, are none", () => {
  expect(headsOf({ graph: attention(4, true) })).toEqual([]);
  expect(headsOf({ graph: attention(1) })).toEqual([]);
});

/** A mixture of experts as MMoE has it: a gate for each of two tasks over the same three experts. */
const mixture = (form: "sum" | "product") =>
  build((g) => {
    const x = g.input("dense", "float32", ["batch", 6]);
    const expert = (k: number) =>
      g.gemm(
        g.relu(g.gemm(x, g.constant(`expert.${k}.0`, drawn(6, 5)))),
        g.constant(`expert.${k}.1`, drawn(5, 4)),
        g.constant(`expert.${k}.bias`, drawn(4)),
      );
    const experts = g.concat(
      [0, 1, 2].map((k) => g.unsqueeze(expert(k), 1)),
      1,
    );
    const tasks = [0, 1].map((task) => {
      const shares = g.softmax(
        g.gemm(x, g.constant(`gate.${task}`, drawn(6, 3)), g.constant(`gate.${task}.bias`, drawn(3))),
      );
      return form === "sum"
        ? g.sum(g.mul(g.unsqueeze(shares, 2), experts), [1])
        : g.squeeze(g.matmul(g.unsqueeze(shares, 1), experts), 1);
    });
    return g.concat(tasks, 1);
  });

/** The same with no share for expert k. */
function shutOut(graph: Graph, k: number, experts: number): Graph {
  const copy = copyOf(graph);
  const bias = Float32Array.from({ length: experts }, (_, at) => (at === k ? -1e9 : 0));
  copy.initializers.set("shut", float32([experts], bias));
  copy.nodes = copy.nodes.flatMap((node): GraphNode[] => {
    if (node.op !== "Softmax") return [node];
    const [open] = node.inputs;
    const add = {
      name: `${open}/shut`,
      op: "Add",
      domain: "",
      inputs: [open!, "shut"],
      outputs: [`${open}/shut`],
      attributes: {},
    };
    return [add, { ...node, inputs: [`${open}/shut`] }];
  });
  return copy;
}

test.each(["sum", "product"] as const)(
  "an expert leaves all gates over it, as a %s, and takes its layers along",
  async (form) => {
    const graph = mixture(form);
    const experts = expertsOf({ graph });
    expect(experts.map(({ name }) => name)).toEqual(["gate.0/0", "gate.0/1", "gate.0/2"]);
    for (const [k, expert] of experts.entries()) {
      const left = await cutBy(wholeOf(graph), [expert], feedsOf(graph));
      expect(await apartBy(shutOut(graph, k, 3), left, feedsOf(graph))).toBeLessThan(1e-5);
      expect([...left.graph.initializers.keys()].filter((name) => name.startsWith(`expert.${k}`))).toEqual([]);
      expect(left.graph.initializers.get("gate.1")!.dims).toEqual([6, 2]);
    }
  },
);

test("an expert of DCN-V2's mixture leaves every cross layer", async () => {
  const graph = network("dcnv2", { d: 4, hidden: [8], crossLayers: 2, rank: 3, experts: 4 });
  const experts = expertsOf({ graph });
  expect(experts).toHaveLength(4);
  const left = await cutBy(wholeOf(graph), [experts[2]!], feedsOf(graph));
  expect(await apartBy(shutOut(graph, 2, 4), left, feedsOf(graph))).toBeLessThan(1e-4);
  const dims = (name: string) => left.graph.initializers.get(name)!.dims;
  expect([dims("cross.gate"), dims("cross.1.v"), dims("cross.1.c"), dims("cross.1.u")]).toEqual([
    [12, 3],
    [12, 9],
    [3, 3, 3],
    [9, 12],
  ]);
});

test("cross layers and square layers are blocks, and one that adds 0 goes without a trace", async () => {
  const graph = network("dcnv2", { d: 4, hidden: [12, 12, 6], crossLayers: 3, batchNorm: false });
  const blocks = blocksOf({ graph });
  expect(blocks.map(({ name }) => name)).toEqual([
    "cross.0.weight",
    "cross.1.weight",
    "cross.2.weight",
    "mlp.0.weight",
    "mlp.1.weight",
  ]);
  for (const name of ["cross.0.weight", "cross.1.weight"]) zero(graph, name, () => true);
  const left = await cutBy(wholeOf(graph), blocks.slice(0, 2), feedsOf(graph));
  expect(await apartBy(graph, left, feedsOf(graph))).toBeLessThan(1e-5);
  expect([...left.graph.initializers.keys()].filter((name) => name.startsWith("cross."))).toEqual([
    "cross.2.weight",
    "cross.2.bias",
  ]);
  const all = await cutBy(wholeOf(graph), blocks, feedsOf(graph));
  expect(all.graph.nodes.some(({ op }) => op === "Relu")).toBe(true);
  expect(await apartBy(graph, all, feedsOf(graph))).toBeLessThan(Number.POSITIVE_INFINITY);
});

test.each(["sasrec.dynamo", "sasrec.script"])("halves of Transformer blocks go from %s", async (name) => {
  const graph = exported(name);
  const blocks = blocksOf({ graph });
  expect(blocks).toHaveLength(4);
  const left = await cutBy(wholeOf(graph), [blocks[1]!, blocks[2]!], feedsOf(graph));
  expect(left.graph.nodes.filter(({ op }) => op === "Softmax")).toHaveLength(1);
  expect(await apartBy(graph, left, feedsOf(graph))).toBeLessThan(50);
});

test("a graph without any has none", () => {
  const graph = exported("two-tower.dynamo");
  expect([headsOf({ graph }), expertsOf({ graph }), blocksOf({ graph })]).toEqual([[], [], []]);
});
