import { expect, test } from "vitest";
import { reals } from "../../test/infer-check.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { bindGraph } from "./bind.ts";
import { resolveConditions } from "./conditions.ts";
import type { Graph, GraphBody, GraphNode } from "./graph.ts";
import { type GraphTensor, int64 } from "./tensor.ts";

const node = (op: string, inputs: string[], output: string, attributes: GraphNode["attributes"] = {}): GraphNode => ({
  name: output,
  op,
  domain: "",
  inputs,
  outputs: [output],
  attributes,
});

const body = (name: string, nodes: GraphNode[], initializers: [string, GraphTensor][] = []): GraphBody => ({
  name,
  inputs: [],
  outputs: [{ name: nodes.at(-1)!.outputs[0]!, dtype: "float32", shape: [], unranked: true }],
  initializers: new Map(initializers),
  nodes,
});

// x.squeeze(1) as PyTorch exports it, then: is what is left longer than 2? A branch in a branch, and names used twice.
const squeeze = (): Graph => {
  const inner = (op: string) => body(op, [node(op, ["t"], "u")]);
  const long = node("If", ["long"], "t2", {
    then_branch: { graph: inner("Neg") },
    else_branch: { graph: inner("Relu") },
  });
  return {
    name: "squeeze",
    opset: 21,
    domains: {},
    inputs: [{ name: "x", dtype: "float32", shape: ["batch", "width"] }],
    outputs: [{ name: "y", dtype: "float32", shape: [], unranked: true }],
    initializers: new Map([
      ["one", int64(1)],
      ["two", int64(2)],
    ]),
    nodes: [
      node("Shape", ["x"], "width", { start: 1 }),
      node("Equal", ["width", "one"], "narrow"),
      node("Greater", ["width", "two"], "long"),
      node("If", ["narrow"], "z", {
        then_branch: { graph: body("then", [node("Squeeze", ["x", "axis"], "t")], [["axis", int64(1)]]) },
        else_branch: { graph: body("else", [node("Abs", ["x"], "t"), long]) },
      }),
      node("If", ["narrow"], "y", {
        then_branch: { graph: body("then", [node("Exp", ["z"], "t")]) },
        else_branch: { graph: body("else", [node("Sin", ["z"], "t")]) },
      }),
    ],
  };
};

const runtime = onnxRuntime({ threads: 1 });

async function run(graph: Graph, dims: number[]): Promise<unknown> {
  const session = await runtime.open(encodeOnnx(graph));
  const { y } = await session.run({ x: { ...reals(dims), data: reals(dims).data as Float32Array } });
  await session.close();
  return { ...y, dims: [...y!.dims] };
}

test.each([
  [1, ["Squeeze", "Identity", "Exp", "Identity"], [3]],
  [2, ["Abs", "Relu", "Identity", "Identity", "Sin", "Identity"], [3, 2]],
  [4, ["Abs", "Neg", "Identity", "Identity", "Sin", "Identity"], [3, 4]],
])("width %i takes its branch, as ONNX Runtime does", async (width, ops, dims) => {
  const bound = bindGraph(squeeze(), { batch: 3, width });
  expect(bound.nodes.map(({ op }) => op)).toEqual(ops);
  expect(bound.outputs[0]).toEqual({ name: "y", dtype: "float32", shape: dims });
  expect(await run(bound, [3, width])).toEqual(await run(squeeze(), [3, width]));
});

test("the original keeps its branches; a graph without any is itself", () => {
  const graph = squeeze();
  const resolved = resolveConditions(graph, { batch: 3, width: 1 });
  expect(graph).toEqual(squeeze());
  expect(resolveConditions(resolved, { batch: 3, width: 1 })).toBe(resolved);
});

test("a condition that depends on the data, a branch that is not there", () => {
  const graph = squeeze();
  const [, , , choice] = graph.nodes;
  delete choice!.attributes["then_branch"];
  expect(() => bindGraph(graph, { batch: 3, width: 1 })).toThrow("If z: it lacks a branch; the graph is damaged.");
  graph.inputs.push({ name: "flag", dtype: "bool", shape: [] });
  choice!.inputs = ["flag"];
  expect(() => bindGraph(graph, { batch: 3, width: 1 })).toThrow("If z: its condition depends on the data");
});

test("a branch without the output that is asked for", () => {
  const graph = squeeze();
  graph.nodes[3]!.outputs.push("more");
  expect(() => bindGraph(graph, { batch: 3, width: 1 })).toThrow("its input 0 is missing");
});
