import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { buildGraph } from "./builder.ts";
import type { Graph, GraphFunction, GraphNode } from "./graph.ts";
import { inlineFunctions } from "./inline-functions.ts";
import { printGraph } from "./print.ts";
import { verify } from "./verify.ts";

const node = (op: string, inputs: string[], outputs: string[], domain = ""): GraphNode => ({
  ...{ name: outputs[0]!, op, domain, inputs, outputs, attributes: {} },
});

const definition = (name: string, nodes: GraphNode[], more: Partial<GraphFunction> = {}): GraphFunction => ({
  ...{ name, domain: "local", overload: "", inputs: ["X"], outputs: ["Y"], attributes: [], attributeDefaults: {} },
  ...{ nodes, opset: 21, domains: { local: 1 } },
  ...more,
});

function calling(functions: GraphFunction[]): Graph {
  const b = buildGraph("g", 21);
  b.input("x", "float32", [2]);
  b.graph.domains["local"] = 1;
  b.graph.functions = functions;
  b.graph.nodes.push(node(functions[0]!.name, ["x"], ["y"], "local"), node(functions[0]!.name, ["y"], ["z"], "local"));
  b.output("z", "float32", [2]);
  return b.graph;
}

test("a call becomes the function's nodes, with the call's attributes and the function's defaults", () => {
  const graph = decodeOnnx(readFileSync("test/fixtures/onnx/everything.onnx"));
  inlineFunctions(graph);
  verify(graph);
  const text = printGraph(graph);
  expect(text).not.toContain("function");
  expect(text).toContain("%scaled/c = Constant() {value_float: 2.5}");
  expect(text).toContain("%scaled = LeakyRelu(%scaled/t) {alpha: 0.25}");
});

test("ONNX Runtime computes the same before and after, calls in calls included", async () => {
  const inner = definition("Inner", [node("Exp", ["X"], ["t"]), node("Neg", ["t"], ["Y"])]);
  const outer = definition("Outer", [node("Inner", ["X"], ["t"], "local"), node("Inner", ["t"], ["Y"], "local")]);
  const run = async (graph: Graph) => {
    const session = await onnxRuntime({ threads: 1 }).open(encodeOnnx(graph));
    return (await session.run({ x: { dtype: "float32", dims: [2], data: Float32Array.of(0.5, -1) } }))["z"]!.data;
  };
  const graph = calling([outer, inner]);
  const before = await run(graph);
  inlineFunctions(graph);
  verify(graph);
  expect(graph.nodes.map((n) => n.op).join()).toBe("Exp,Neg,Exp,Neg,Exp,Neg,Exp,Neg");
  expect(graph.domains).toEqual({});
  expect(await run(graph)).toEqual(before);
});

test("a function that hands its input on", () => {
  const graph = calling([definition("Same", [], { outputs: ["X"] })]);
  inlineFunctions(graph);
  verify(graph);
  expect(graph.nodes.map((n) => n.op)).toEqual(["Identity", "Identity"]);
});

test("hostile functions are one sentence each", () => {
  const self = definition("Self", [node("Self", ["X"], ["Y"], "local")]);
  expect(() => inlineFunctions(calling([self]))).toThrow(/function local.Self calls itself/);
  const old = definition("Old", [node("Exp", ["X"], ["Y"])], { opset: 13 });
  expect(() => inlineFunctions(calling([old]))).toThrow(/uses version 13 of the operators, the graph 21/);
  const doubling = Array.from({ length: 60 }, (_, i) =>
    definition(`f${i}`, [node(`f${i + 1}`, ["X"], ["t"], "local"), node(`f${i + 1}`, ["t"], ["Y"], "local")]),
  );
  expect(() => inlineFunctions(calling(doubling))).toThrow(/more than 100000 nodes/);
  const chain = Array.from({ length: 5000 }, (_, i) => definition(`f${i}`, [node(`f${i + 1}`, ["X"], ["Y"], "local")]));
  expect(() => inlineFunctions(calling(chain))).toThrow(/more than 100 calls deep/);
});
