// Each operator in an old form gives the same numbers in ONNX Runtime before and after its conversion.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import { fusions } from "../../graph/fusions.ts";
import type { Attribute, Graph } from "../../graph/graph.ts";
import { rewriteGraph } from "../../graph/rewrite.ts";
import type { RunTensor } from "../../graph/runtime.ts";
import { type DType, float32, type GraphTensor, int64 } from "../../graph/tensor.ts";
import { verify } from "../../graph/verify.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { decodeOnnx } from "../decode.ts";
import { encodeOnnx } from "../encode.ts";
import { convertOpset } from "./convert.ts";

const rng = createRng("opset");
const runtime = onnxRuntime({ threads: 1 });

async function run(graph: Graph, feeds: Record<string, RunTensor>): Promise<Record<string, RunTensor>> {
  const session = await runtime.open(encodeOnnx(graph));
  const results = await session.run(feeds);
  await session.close();
  return results;
}

function random(dtype: DType, dims: readonly number[]): RunTensor {
  const n = dims.reduce((a, b) => a * b, 1);
  if (dtype === "int64") return { dtype, dims, data: BigInt64Array.from({ length: n }, () => BigInt(rng.below(3))) };
  const numbers = Array.from({ length: n }, () => rng.normal());
  return { dtype, dims, data: dtype === "float64" ? Float64Array.from(numbers) : Float32Array.from(numbers) };
}

/** Runs before and after; equal to the last bit unless `tolerance` says more. */
async function expectSame(graph: Graph, feeds: Record<string, RunTensor>, tolerance = 0): Promise<void> {
  const before = await run(graph, feeds);
  convertOpset(graph);
  verify(graph);
  expect(graph.opset).toBe(21);
  const after = await run(graph, feeds);
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [name, { dims, data }] of Object.entries(before)) {
    expect(after[name]!.dims).toEqual(dims);
    data.forEach((x, i) => {
      const y = after[name]!.data[i];
      if (!Object.is(x, y)) expect(Math.abs(Number(y) - Number(x))).toBeLessThanOrEqual(tolerance);
    });
  }
}

interface Case {
  readonly opset: number;
  readonly op: string;
  readonly dims?: readonly number[];
  readonly dtype?: DType;
  readonly attributes?: Record<string, Attribute>;
  readonly inputs?: readonly GraphTensor[];
  readonly outputs?: number;
}

const floats = (...values: number[]) => float32([values.length], Float32Array.from(values));
const reduces = ["L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "SumSquare", "Sum"];
const cases: Case[] = [
  ...["Softmax", "LogSoftmax", "Hardmax"].flatMap((op) =>
    [undefined, 0, 1, 2].map((axis): Case => ({ opset: 9, op, attributes: axis === undefined ? {} : { axis } })),
  ),
  { opset: 12, op: "Softmax", attributes: { axis: -1 } },
  ...reduces.flatMap((op): Case[] => [
    { opset: 11, op: `Reduce${op}`, attributes: { axes: [1], keepdims: 0 } },
    { opset: 9, op: `Reduce${op}`, attributes: { axes: [0, 2] } },
    { opset: 9, op: `Reduce${op}` },
  ]),
  { opset: 17, op: "ReduceMean", attributes: { axes: [-1] } },
  { opset: 11, op: "Squeeze", dims: [2, 1, 3, 1], attributes: { axes: [1, -1] } },
  { opset: 9, op: "Squeeze", dims: [2, 1, 3] },
  { opset: 11, op: "Unsqueeze", attributes: { axes: [0, 2] } },
  { opset: 11, op: "Split", attributes: { axis: 1, split: [1, 2] }, outputs: 2 },
  { opset: 9, op: "Split", attributes: { axis: 0 }, outputs: 2 },
  { opset: 13, op: "Split", dims: [4, 3], inputs: [int64(1, 3)], outputs: 2 },
  { opset: 9, op: "Slice", attributes: { starts: [0, 1], ends: [2, 2 ** 63], axes: [0, 2] } },
  { opset: 9, op: "Slice", attributes: { starts: [1], ends: [-1] }, dims: [4] },
  { opset: 9, op: "Clip", attributes: { min: { float: -0.5 }, max: { float: 0.5 } } },
  { opset: 10, op: "Clip", attributes: { max: { float: 0.25 } } },
  { opset: 9, op: "Clip" },
  { opset: 10, op: "Pad", attributes: { pads: [0, 0, 1, 0, 2, 0], value: { float: 3 } } },
  { opset: 9, op: "Pad", attributes: { pads: [0, 0, 1, 0, 0, 1], mode: "reflect" } },
  { opset: 9, op: "TopK", attributes: { k: 2, axis: 1 }, outputs: 2 },
  { opset: 11, op: "TopK", inputs: [int64(2)], attributes: { largest: 0 }, outputs: 2 },
  { opset: 9, op: "Dropout", attributes: { ratio: { float: 0.3 } } },
  { opset: 11, op: "Dropout" },
  {
    ...{
      opset: 9,
      op: "BatchNormalization",
      inputs: [floats(1, 2, 3), floats(0, 1, 0), floats(0, 0, 1), floats(1, 2, 1)],
    },
    attributes: { epsilon: { float: 0.01 }, momentum: { float: 0.9 } },
  },
  {
    ...{
      opset: 8,
      op: "BatchNormalization",
      inputs: [floats(1, 2, 3), floats(0, 1, 0), floats(0, 0, 1), floats(1, 2, 1)],
    },
    attributes: { spatial: 1 },
  },
  {
    ...{ opset: 9, op: "Scatter", dims: [3, 2] },
    inputs: [{ ...int64(2, 0), dims: [1, 2] }, float32([1, 2], Float32Array.of(5, 6))],
  },
  { opset: 9, op: "Cast", attributes: { to: 7 } },
  { opset: 8, op: "Max", inputs: [floats(0, 1, 2, -1)] },
  { opset: 9, op: "PRelu", inputs: [floats(0.1, 0.2, 0.3, 0.4)] },
  { opset: 7, op: "Gemm", dims: [2, 3], inputs: [float32([3, 2], new Float32Array(6).fill(0.5)), floats(1, 2)] },
  { opset: 9, op: "Flatten", attributes: { axis: 2 } },
  { opset: 26, op: "Relu" },
  { opset: 25, op: "Cast", attributes: { to: 7, round_mode: "up" } },
  { opset: 24, op: "Swish" },
  { opset: 23, op: "RMSNormalization", inputs: [floats(1, 2, 3, 4)] },
  { opset: 25, op: "RMSNormalization", inputs: [floats(1, 2, 3, 4)], attributes: { axis: 1, epsilon: { float: 0.1 } } },
  { opset: 11, op: "CumSum", inputs: [{ ...int64(1), dims: [] }] },
];

function graphOf({ opset, op, dims = [2, 3, 4], dtype = "float32", attributes = {}, inputs = [], outputs = 1 }: Case) {
  const b = buildGraph(op, opset);
  const x = b.input("x", dtype, [...dims]);
  b.node(op, [x, ...inputs.map((tensor, i) => b.constant(`c${i}`, tensor))], { ...attributes }, "y");
  const names = Array.from({ length: outputs }, (_, i) => (i === 0 ? "y" : `y${i}`));
  b.graph.nodes[0]!.outputs = names;
  b.graph.outputs = names.map((name, i) => ({
    ...{ name, shape: [], unranked: true as const },
    dtype: op === "Cast" || (op === "TopK" && i === 1) ? "int64" : dtype,
  }));
  return { graph: b.graph, feeds: { x: random(dtype, dims) } };
}

describe("an operator computes the same at opset 21", () => {
  for (const each of cases) {
    const { opset, op, attributes = {} } = each;
    test(`${op} ${JSON.stringify(attributes)} from ${opset}`, async () => {
      const { graph, feeds } = graphOf(each);
      // Reductions may sum in another order, and what is composed rounds between.
      await expectSame(graph, feeds, op.startsWith("Reduce") || opset > 21 ? 1e-5 : 0);
    });
  }

  test("Softmax over a last axis needs no other nodes, and Clip's bounds have the number type of what they bound", () => {
    const softmax = graphOf({ opset: 9, op: "Softmax", attributes: { axis: 2 } }).graph;
    convertOpset(softmax);
    expect(softmax.nodes).toMatchObject([{ op: "Softmax", attributes: { axis: -1 } }]);
    const clip = graphOf({ opset: 9, op: "Clip", dtype: "float64", attributes: { min: { float: 0 } } }).graph;
    convertOpset(clip);
    expect([...clip.initializers.values()]).toMatchObject([{ dtype: "float64", dims: [] }]);
  });

  test("Swish by a factor, for which ONNX Runtime has no kernel", async () => {
    const { graph, feeds } = graphOf({ opset: 26, op: "Swish", attributes: { alpha: { float: 0.5 } } });
    convertOpset(graph);
    const { data } = (await run(graph, feeds))["y"]!;
    [...feeds.x.data].forEach((x, i) => {
      expect(Number(data[i])).toBeCloseTo(Number(x) / (1 + Math.exp(-0.5 * Number(x))), 6);
    });
  });

  test("a version between lifts only what changed up to it", () => {
    const axes = { axes: [1] };
    for (const [op, lifted] of [
      ["ReduceSum", true],
      ["ReduceMean", false],
    ] as const) {
      const { graph } = graphOf({ opset: 11, op, attributes: axes });
      convertOpset(graph, 13);
      expect([graph.opset, graph.nodes[0]!.inputs.length === 2]).toEqual([13, lifted]);
    }
  });

  test("branches are converted with names of their own", async () => {
    const b = buildGraph("if", 11);
    const x = b.input("x", "float32", [2, 3]);
    const flag = b.input("flag", "bool", []);
    const branch = (name: string, axis: number): Attribute => ({
      graph: {
        ...{ name, inputs: [], outputs: [{ name, dtype: "float32", shape: [2] }], initializers: new Map() },
        nodes: [
          {
            name,
            op: "ReduceSum",
            domain: "",
            inputs: [x],
            outputs: [name],
            attributes: { axes: [axis], keepdims: 0 },
          },
        ],
      },
    });
    b.node("If", [flag], { then_branch: branch("a", 1), else_branch: branch("b", -1) }, "y");
    b.output("y", "float32", [2]);
    await expectSame(b.graph, {
      x: random("float32", [2, 3]),
      flag: { dtype: "bool", dims: [], data: Uint8Array.of(1) },
    });
  });
});

describe("attention and rotary positions compute the same by operators of opset 21", () => {
  const of = (
    op: string,
    shapes: readonly (readonly number[])[],
    attributes: Record<string, Attribute> = {},
    more: { mask?: readonly number[]; opset?: number; positions?: boolean } = {},
  ) => {
    const b = buildGraph(op, more.opset ?? 23);
    const names = shapes.map((dims, i) => b.input("qkv"[i]!, "float32", [...dims]));
    const feeds = Object.fromEntries(names.map((name, i) => [name, random("float32", shapes[i]!)]));
    if (more.mask) {
      names.push(b.input("mask", "bool", [...more.mask]));
      const bits = Uint8Array.from({ length: more.mask.reduce((x, y) => x * y, 1) }, () => rng.below(2));
      feeds["mask"] = { dtype: "bool", dims: more.mask, data: bits };
    }
    if (more.positions) {
      names.push(b.input("positions", "int64", [2, 5]));
      feeds["positions"] = random("int64", [2, 5]);
    }
    b.node(op, names, { ...attributes }, "y");
    b.graph.outputs.push({ name: "y", dtype: "float32", shape: [], unranked: true });
    return [b.graph, feeds] as const;
  };
  const [q, kv, grouped] = [
    [2, 4, 5, 6],
    [2, 4, 7, 6],
    [2, 2, 7, 6],
  ];
  const flat = { q_num_heads: 4, kv_num_heads: 4 };
  for (const [title, shapes, attributes, more] of [
    ["heads apart", [q, kv, [2, 4, 7, 3]], {}, {}],
    ["causal", [q, q, q], { is_causal: 1 }, {}],
    ["causal, of other lengths", [q, kv, kv], { is_causal: 1 }, { opset: 25 }],
    ["scaled and capped", [q, kv, kv], { scale: { float: 0.3 }, softcap: { float: 2 } }, {}],
    [
      "heads within",
      [
        [2, 5, 24],
        [2, 7, 24],
        [2, 7, 12],
      ],
      flat,
      { opset: 24 },
    ],
    ["shared keys", [q, grouped, grouped], { is_causal: 1 }, { opset: 26 }],
    [
      "shared keys within",
      [
        [2, 5, 24],
        [2, 7, 12],
        [2, 7, 12],
      ],
      { ...flat, kv_num_heads: 2 },
      {},
    ],
    ["masked, with the future", [q, q, q], { is_causal: 1 }, { mask: [2, 1, 5, 5] }],
    ["masked", [q, kv, kv], {}, { mask: [5, 7], opset: 26 }],
  ] as const) {
    test(`Attention, ${title}`, async () => expectSame(...of("Attention", shapes, attributes, more), 1e-5));
  }

  test("where nothing may be looked at there are zeros, no numbers that are none", async () => {
    const [graph, feeds] = of("Attention", [q, kv, kv], {}, { mask: [5, 7] });
    (feeds["mask"]!.data as Uint8Array).fill(0);
    convertOpset(graph);
    expect((await run(graph, feeds))["y"]!.data.every((x) => Number(x) === 0)).toBe(true);
  });

  const [angles, cache, few] = [
    [2, 5, 3],
    [8, 3],
    [2, 5, 2],
  ];
  const partial = { rotary_embedding_dim: 4 };
  for (const [title, shapes, attributes, positions] of [
    ["heads apart", [q, angles, angles], {}, false],
    ["interleaved", [q, angles, angles], { interleaved: 1 }, false],
    ["heads within, by position", [[2, 5, 24], cache, cache], { num_heads: 4 }, true],
    ["in part", [q, few, few], partial, false],
    ["in part, interleaved, heads within", [[2, 5, 24], few, few], { ...partial, interleaved: 1, num_heads: 4 }, false],
  ] as const) {
    test(`RotaryEmbedding, ${title}`, async () => {
      await expectSame(...of("RotaryEmbedding", shapes, attributes, { positions }), 1e-5);
    });
  }
});

describe("PyTorch's files compute the same at opset 21", () => {
  test("sequence-opset23", async () => {
    const graph = decodeOnnx(readFileSync("test/fixtures/onnx/sequence-opset23.onnx"));
    expect(graph.nodes.map(({ op }) => op)).toEqual(expect.arrayContaining(["Attention", "RMSNormalization"]));
    await expectSame(graph, { item_seq: random("int64", [3, 8]) }, 1e-5);
  });

  for (const [file, dims, dtype] of [
    ["mlp-opset11", [3, 6], "float32"],
    ["mlp-opset13", [3, 6], "float32"],
    ["attention-opset11", [2, 5], "int64"],
    ["attention-opset13", [2, 5], "int64"],
  ] as const) {
    test(file, async () => {
      const graph = decodeOnnx(readFileSync(`test/fixtures/onnx/${file}.onnx`), file);
      await expectSame(graph, { x: random(dtype, dims) }, 1e-6);
      expect(graph.file!.irVersion).toBe(10);
    });
  }

  for (const file of readdirSync("test/fixtures/foreign").filter((name) => name.endsWith(".onnx"))) {
    test(`${file} is a graph that the runtime takes`, async () => {
      const graph = decodeOnnx(readFileSync(`test/fixtures/foreign/${file}`), file);
      convertOpset(graph);
      verify(graph);
      await (await runtime.open(encodeOnnx(graph))).close();
    });
  }

  test("and their composed layer norm and GELU become one node each", async () => {
    const graph = decodeOnnx(readFileSync("test/fixtures/onnx/attention-opset13.onnx"));
    convertOpset(graph);
    const feeds = { x: random("int64", [2, 5]) };
    const before = (await run(graph, feeds))["y"]!;
    expect(rewriteGraph(graph, fusions)).toBe(2);
    verify(graph);
    const ops = graph.nodes.map((n) => n.op);
    expect(ops).toEqual(expect.arrayContaining(["LayerNormalization", "Gelu"]));
    expect(ops).not.toContain("Erf");
    const after = (await run(graph, feeds))["y"]!;
    before.data.forEach((x, i) => {
      expect(Math.abs(Number(after.data[i]) - Number(x))).toBeLessThan(1e-5);
    });
  });
});

describe("what cannot be converted is named", () => {
  const refused = (each: Case, message: RegExp) => {
    const { graph } = graphOf(each);
    expect(() => convertOpset(graph)).toThrow(UserError);
    expect(() => convertOpset(graphOf(each).graph)).toThrow(message);
  };
  test("by its operator and why", () => {
    refused({ opset: 9, op: "Upsample" }, /Upsample y: it is not known how opset 21 has it/);
    refused({ opset: 9, op: "toString" }, /toString y: it is not known/);
    refused({ opset: 6, op: "Relu" }, /opset 6 is older than 7/);
    refused({ opset: 27, op: "Relu" }, /opset 27 is newer than 26/);
    refused({ opset: 26, op: "CumProd" }, /CumProd y: it is not known how opset 21 would say it/);
    refused({ opset: 22, op: "Swish" }, /Swish y: it is not known how opset 21 would say it/);
    refused({ opset: 23, op: "Attention", outputs: 2, dims: [1, 1, 1, 1] }, /only its first output/);
    refused({ opset: 25, op: "Attention", attributes: { left_window_size: 3 } }, /left_window_size is not converted/);
    refused({ opset: 23, op: "RMSNormalization", dtype: "float64" }, /its form for float64 is not converted/);
    refused({ opset: 23, op: "RMSNormalization", attributes: { axis: -(2 ** 40) } }, /it has no axis -1099511627776/);
    const crowd = { q_num_heads: 2 ** 40, kv_num_heads: 1 };
    refused({ opset: 23, op: "Attention", attributes: crowd }, /1099511627776 heads of queries cannot share 1 of keys/);
    refused({ opset: 23, op: "QuantizeLinear", attributes: { precision: 10 } }, /precision 10 has no equal/);
    refused({ opset: 9, op: "Dropout", outputs: 2 }, /Dropout y: its mask is not converted/);
    refused({ opset: 9, op: "BatchNormalization", outputs: 5 }, /its form for training/);
    refused({ opset: 8, op: "BatchNormalization", attributes: { spatial: 0 } }, /statistics of every place/);
    refused({ opset: 8, op: "Scan" }, /its batches became axes/);
    refused({ opset: 18, op: "GroupNormalization" }, /scales became those of channels/);
    refused({ opset: 9, op: "ReduceSum", attributes: { axes: "all" } }, /attribute "axes" holds no whole numbers/);
    refused({ opset: 9, op: "Clip", attributes: { min: 1 } }, /attribute "min" is no number/);
  });
});
