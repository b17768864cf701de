// Calibrations inside a graph, as ONNX Runtime answers them: the map's numbers, and no two rows in another order.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openGraph } from "../../../test/run-graph.ts";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import { type LogitMap, mapLogit } from "../../data/click-calibration/logit-map.ts";
import { auc } from "../../data/click-metrics/auc.ts";
import { buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { float32 } from "../../graph/tensor.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { answerOf } from "../graphs/answer.ts";
import { calibratedGraph } from "./calibrate-graph.ts";
import { ranksKept } from "./ranks-kept.ts";

const maps: LogitMap[] = [
  { method: "platt", slope: 0.37, offset: -1.9 },
  {
    method: "piecewise-linear",
    from: [-6.5, -3.1, -1.25, 0.4, 0.9, 3.75, 7],
    to: [-5.9, -3.3, -0.8, -0.1, 1.3, 2.2, 8.1],
  },
];

type Form = "network" | "logit" | "probability" | "clipped" | "column" | "shared";

/** A graph over x whose answer is z = 2 x - 1 or its sigmoid, in the ways that exporters write it. */
function graphOf(form: Form, opset = 21): Graph {
  const b = buildGraph(form, opset);
  const shape = form === "column" ? ["batch", 1] : ["batch"];
  const x = b.input("x", "float32", shape);
  const two = b.constant("two", float32([], Float32Array.of(2)));
  const one = b.constant("one", float32([], Float32Array.of(1)));
  const z = b.node("Sub", [b.node("Mul", [x, two]), one], {}, "logits");
  const p = form === "logit" ? "logits" : b.node("Sigmoid", [z], {}, form === "clipped" ? "inner" : "probability");
  const low = b.constant("low", float32([], Float32Array.of(1e-6)));
  const high = b.constant("high", float32([], Float32Array.of(0.999)));
  if (form === "clipped") b.node("Clip", [p, low, high], {}, "probability");
  if (form === "shared") b.output(b.node("Mul", [z, z], {}, "square"), "float32", shape);
  b.output(form === "logit" ? "logits" : "probability", "float32", shape);
  if (form === "network") b.output("logits", "float32", shape);
  return b.graph;
}

const calibrated = (graph: Graph, map: LogitMap) => {
  const outputs = graph.outputs
    .filter(({ name }) => name !== "square")
    .map(({ name, dtype, shape }) => ({ name, dtype, shape, role: "one" }));
  return calibratedGraph(graph, answerOf(graph, { name: "it", outputs }), map);
};

async function answersOf(graph: Graph, x: Float32Array): Promise<Record<string, number[]>> {
  const session = await openGraph(graph);
  const dims = graph.inputs[0]!.shape.length === 2 ? [x.length, 1] : [x.length];
  try {
    return await session.run({ x: { dtype: "float32", dims, data: x } });
  } finally {
    await session.close();
  }
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const xs = Float32Array.from({ length: 257 }, (_, i) => (i - 128) / 24);

describe.each(maps)("$method", (map) => {
  test.each(["network", "logit", "probability", "clipped", "column", "shared"] as const)("%s", async (form) => {
    const graph = graphOf(form);
    const nodes = graph.nodes.length;
    const said = await answersOf(calibrated(graph, map), xs);
    expect(graph.nodes.length).toBe(nodes);
    for (const [r, x] of xs.entries()) {
      // Of a clipped probability the logit lies within what the clip leaves; near 1e-6 ONNX Runtime's Sigmoid is right
      // to three digits.
      const raw = 2 * x - 1;
      const z = form === "clipped" ? Math.min(Math.log(0.999 / 0.001), Math.max(Math.log(1e-6), raw)) : raw;
      const wanted = mapLogit(map)(z);
      if (form === "logit" || form === "network") expect(said["logits"]![r]).toBeCloseTo(wanted, 5);
      if (form !== "logit") expect(said["probability"]![r]).toBeCloseTo(sigmoid(wanted), form === "clipped" ? 4 : 5);
      // What else reads the logit reads it as it was.
      if (form === "shared") expect(said["square"]![r]).toBeCloseTo(raw ** 2, 4);
    }
  });

  test("a graph may be calibrated again", async () => {
    const twice = calibrated(decodeOnnx(encodeOnnx(calibrated(graphOf("network"), map)), "once"), map);
    const { logits } = await answersOf(twice, xs);
    for (const [r, x] of xs.entries()) expect(logits![r]).toBeCloseTo(mapLogit(map)(mapLogit(map)(2 * x - 1)), 4);
  });

  test("AUC is the same to the last bit: ranks, ties and all", async () => {
    const rng = createRng("ranks");
    const x = Float32Array.from({ length: 4000 }, () => Math.fround(1.5 * rng.normal()));
    x.copyWithin(0, 100, 150);
    const label = x.map((value) => (rng.uniform() < sigmoid(value) ? 1 : 0));
    const [before, after] = [
      await answersOf(graphOf("network"), x),
      await answersOf(calibrated(graphOf("network"), map), x),
    ];
    const [z, mapped] = [Float32Array.from(before["logits"]!), Float32Array.from(after["logits"]!)];
    expect(ranksKept(z, mapped)).toEqual({ newTies: 0, moved: 0 });
    expect(auc(label, mapped)).toBe(auc(label, z));
    // Probabilities are rounded more coarsely near 1, with or without a calibration.
    const [p, repaired] = [before, after].map((said) => auc(label, Float32Array.from(said["probability"]!)));
    expect(Math.abs(p! - repaired!)).toBeLessThan(1e-7);
  });

  test("neighbouring floats never change places, wherever they lie and whatever their row", async () => {
    const session = await openGraph(calibrated(graphOf("logit"), map));
    await fc.assert(
      fc.asyncProperty(fc.float({ min: -20, max: 20, noNaN: true }), fc.integer({ min: 1, max: 70 }), async (x, n) => {
        const bits = new Int32Array(Float32Array.of(x).buffer)[0]!;
        const floats = new Float32Array(Int32Array.from({ length: n }, (_, i) => bits + i).buffer);
        const data = floats.filter((value) => Math.abs(value) < 1e30);
        const { logits } = await session.run({ x: { dtype: "float32", dims: [data.length], data } });
        const sorted = [...data.keys()].sort((a, b) => data[a]! - data[b]!).map((r) => logits![r]!);
        for (const [r, value] of sorted.entries()) if (r > 0) expect(value).toBeGreaterThanOrEqual(sorted[r - 1]!);
      }),
      { numRuns: 60 },
    );
    await session.close();
  });
});

test("rows that meet, change places or part are counted", () => {
  const f32 = (...values: number[]) => Float32Array.from(values);
  expect(ranksKept(f32(1, 3, 2, 3), f32(0, 1, 1, 1))).toEqual({ newTies: 1, moved: 0 });
  expect(ranksKept(f32(1, 2), f32(2, 1))).toEqual({ newTies: 0, moved: 1 });
  expect(ranksKept(f32(1, 1), f32(2, 1))).toEqual({ newTies: 0, moved: 1 });
});

test("a graph of an opset before 13 is refused", () => {
  expect(() => calibrated(graphOf("logit", 11), maps[0]!)).toThrow(
    "the graph is of opset 11, a calibration needs 13; import it again.",
  );
  expect(() => calibrated(graphOf("logit", 11), maps[0]!)).toThrow(UserError);
});
