import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeOnnx } from "../onnx/decode.ts";
import { buildGraph } from "./builder.ts";
import { printGraph } from "./print.ts";
import { float32, int32, int64 } from "./tensor.ts";

test("a graph reads as it computes", () => {
  const b = buildGraph("mlp", 21);
  const x = b.input("x", "float32", ["batch", 4]);
  const w = b.constant(
    "w",
    float32(
      [4, 3],
      Float32Array.from({ length: 12 }, (_, i) => (i - 6) / 3),
    ),
  );
  const h = b.node("MatMul", [x, w], {}, "h");
  const scaled = b.node("Mul", [h, b.constant("half", float32([], Float32Array.of(0.5)))], {}, "a name (odd)");
  const sums = b.node("ReduceSum", [scaled, b.constant("axes", int64(-1))], { keepdims: 0 }, "sums");
  b.node("Clip", [sums, "", b.constant("top", float32([], Float32Array.of(1)))], {}, "y");
  b.node("Loss", ["y"], { label: "a", slope: { float: 2 }, weights: { floats: [1, 1e-9] } }, "loss");
  b.graph.nodes.at(-1)!.domain = "com.example";
  b.graph.domains["com.example"] = 1;
  b.constant("seeds", int32([2], Int32Array.of(1, 2)));
  b.output("y", "float32", ["batch"]);
  b.output("loss", "float32", []);
  const types = new Map([["h", { dtype: "float32" as const, dims: [2, 3] }]]);
  expect(`\n${printGraph(b.graph, types)}`).toBe(`
graph mlp, opset 21, com.example 1
  in %x: float32[batch, 4]
  const %w: float32[4, 3] of -2.0 … 1.66667
  const %seeds: int32[2] = [1, 2]
  %h: float32[2, 3] = MatMul(%x, %w)
  %"a name (odd)" = Mul(%h, 0.5)
  %sums = ReduceSum(%"a name (odd)", [-1]) {keepdims: 0}
  %y = Clip(%sums, _, 1.0)
  %loss = com.example.Loss(%y) {label: "a", slope: 2.0, weights: [1.0, 1e-9]}
  out %y: float32[batch]
  out %loss: float32[]
`);
});

test("branches, functions and every kind of attribute have a text", () => {
  const text = printGraph(decodeOnnx(readFileSync("test/fixtures/onnx/everything.onnx")));
  expect(`\n${text.slice(text.indexOf("  %chosen"))}`).toMatchSnapshot();
});
