import { expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import { type Ops, opsOn } from "../../graph/ops.ts";
import { elements } from "../../graph/tensor.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { encodeOnnx } from "../../onnx/encode.ts";
import { blockRows } from "./row-blocks.ts";

const [K, N] = [130, 150];
const runtime = onnxRuntime({ threads: 2 });

/** The operators of a graph of one value, and its numbers, before and after blockRows. */
async function both(inputs: Readonly<Record<string, readonly number[]>>, build: (g: Ops) => string) {
  return Promise.all(
    [false, true].map(async (blocks) => {
      const g = opsOn(typedBuilder(buildGraph("products", 21).graph));
      for (const [name, dims] of Object.entries(inputs)) g.input(name, "float32", dims);
      const y = build(g);
      if (blocks) blockRows(g);
      g.output(y, "y");
      const session = await runtime.open(encodeOnnx(g.graph));
      const rng = createRng("products");
      const feeds = Object.fromEntries(
        Object.entries(inputs).map(([name, dims]) => {
          const data = Float32Array.from({ length: elements(dims) }, () => rng.normal());
          return [name, { dtype: "float32" as const, dims, data }];
        }),
      );
      const { dims, data } = (await session.run(feeds))["y"]!;
      await session.close();
      return { ops: g.graph.nodes.map(({ op }) => op), dims, data: data as Float32Array };
    }),
  );
}

const x = [1200, K];
test.each<[string, Record<string, readonly number[]>, (g: Ops) => string]>([
  ["MatMul", { x, w: [K, N] }, (g) => g.matmul("x", "w")],
  ["Gemm with a bias, then Relu", { x, w: [K, N], b: [N] }, (g) => g.relu(g.gemm("x", "w", "b"))],
  ["Gemm by the transposed weight", { x, w: [N, K] }, (g) => g.gemm("x", "w", undefined, { transB: true })],
])("%s of many rows goes in blocks, to the same numbers", async (_, inputs, build) => {
  const [plain, blocked] = await both(inputs, build);
  expect(plain!.ops).not.toContain("Reshape");
  expect(blocked!.ops).toContain("Reshape");
  expect(blocked!.dims).toEqual(plain!.dims);
  // Sums of 130 products of size 1; the bias is added last where Gemm begins with it.
  plain!.data.forEach((y, i) => {
    if (!(Math.abs(blocked!.data[i]! - y) < 1e-4)) expect(blocked!.data[i]).toBe(y);
  });
});

test.each<[string, Record<string, readonly number[]>, (g: Ops) => string]>([
  ["few rows", { x: [512, K], w: [K, N] }, (g) => g.matmul("x", "w")],
  ["rows without a divisor", { x: [1201, K], w: [K, N] }, (g) => g.matmul("x", "w")],
  ["a narrow weight", { x, w: [K, 8] }, (g) => g.matmul("x", "w")],
  ["rows that are summed", { x, w: [1200, N] }, (g) => g.gemm("x", "w", undefined, { transA: true })],
  ["a factor", { x, w: [K, N] }, (g) => g.gemm("x", "w", undefined, { alpha: 2 })],
  ["a matrix that is added", { x, w: [K, N], c: [1200, N] }, (g) => g.gemm("x", "w", "c")],
  ["more than two axes", { x: [2, 1200, K], w: [K, N] }, (g) => g.matmul("x", "w")],
])("%s: left as it is", async (_, inputs, build) => {
  const [plain, blocked] = await both(inputs, build);
  expect(blocked!.ops).toEqual(plain!.ops);
});
