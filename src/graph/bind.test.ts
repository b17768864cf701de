import { describe, expect, test } from "vitest";
import { reals } from "../../test/infer-check.ts";
import { UserError } from "../base/errors.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { bindGraph } from "./bind.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { float32, type GraphTensor, int64 } from "./tensor.ts";

const node = (op: string, inputs: string[], output: string, attributes: GraphNode["attributes"] = {}): GraphNode => ({
  name: output,
  op,
  domain: "",
  inputs,
  outputs: [output],
  attributes,
});

const scalar64 = (value: number): GraphTensor => ({ ...int64(value), dims: [] });

// Heads of attention as PyTorch writes x.view(x.shape[0], x.shape[1], 2, -1).transpose(1, 2), with a mask of its length.
const heads = (): Graph => ({
  name: "heads",
  opset: 21,
  domains: {},
  inputs: [{ name: "x", dtype: "float32", shape: ["batch", "length", 6] }],
  outputs: [{ name: "y", dtype: "float32", shape: ["batch", 2, "length", 3] }],
  initializers: new Map([
    ["zero", scalar64(0)],
    ["one", scalar64(1)],
    ["axes", int64(0)],
    ["two", int64(2)],
    ["rest", int64(-1)],
    ["low", float32([], Float32Array.of(-9))],
    ["none", float32([], Float32Array.of(0))],
    ["unread", reals([100])],
  ]),
  nodes: [
    node("Shape", ["x"], "shape"),
    node("Gather", ["shape", "zero"], "b"),
    node("Gather", ["shape", "one"], "l"),
    node("Unsqueeze", ["b", "axes"], "b1"),
    node("Unsqueeze", ["l", "axes"], "l1"),
    node("Concat", ["b1", "l1", "two", "rest"], "sizes", { axis: 0 }),
    node("Reshape", ["x", "sizes"], "split"),
    node("Transpose", ["split"], "turned", { perm: [0, 2, 1, 3] }),
    node("Range", ["zero", "l", "one"], "at"),
    node("Equal", ["at", "zero"], "first"),
    node("Where", ["first", "low", "none"], "row"),
    node("Unsqueeze", ["row", "rest"], "mask"),
    node("Relu", ["x"], "dead"),
    node("Add", ["turned", "mask"], "y"),
  ],
});

const runtime = onnxRuntime({ threads: 1 });

describe("bindGraph", () => {
  test("replaces shape arithmetic and masks by constants and drops what nothing reads", () => {
    const bound = bindGraph(heads(), { batch: 4, length: 5 });
    expect(bound.nodes.map(({ op }) => op)).toEqual(["Reshape", "Transpose", "Add"]);
    expect(bound.inputs[0]!.shape).toEqual([4, 5, 6]);
    expect(bound.outputs[0]!.shape).toEqual([4, 2, 5, 3]);
    expect([...bound.initializers.keys()]).toEqual(["sizes", "mask"]);
    expect(bound.initializers.get("sizes")).toEqual(int64(4, 5, 2, -1));
    expect(bound.initializers.get("mask")!.dims).toEqual([5, 1]);
  });

  test("computes what the original does", async () => {
    const x = reals([4, 5, 6]);
    const [free, bound] = await Promise.all(
      [heads(), bindGraph(heads(), { batch: 4, length: 5 })].map(async (graph) => {
        const session = await runtime.open(encodeOnnx(graph));
        const { y } = await session.run({ x: { ...x, data: x.data as Float32Array } });
        await session.close();
        return y!;
      }),
    );
    expect(bound).toEqual(free);
  });

  test("leaves the original as it was", () => {
    const graph = heads();
    const bound = bindGraph(graph, { batch: 1, length: 2 });
    bound.nodes[0]!.inputs[0] = "z";
    bound.inputs[0]!.name = "z";
    expect(graph).toEqual(heads());
  });

  test("keeps the node that writes a constant result", () => {
    const graph = heads();
    graph.outputs = [{ name: "sizes", dtype: "int64", shape: [4] }];
    const { nodes, initializers } = bindGraph(graph, { batch: 1, length: 2 });
    expect(nodes.map(({ op }) => op)).toEqual(["Concat"]);
    expect([...initializers.keys()].sort()).toEqual(["b1", "l1", "rest", "two"]);
  });

  test("what a file says of other values and of inputs with a default does not outlive the sizes", () => {
    const graph = heads();
    graph.values = [{ name: "split", dtype: "float32", shape: ["batch", "length", 2, 3] }];
    graph.defaults = [{ name: "low", dtype: "float32", shape: [], at: 1 }];
    const bound = bindGraph(graph, { batch: 1, length: 2 });
    expect([bound.values, bound.defaults]).toEqual([undefined, undefined]);
  });

  test("a dimension without a size, an output that nothing writes", () => {
    expect(() => bindGraph(heads(), { batch: 4 })).toThrow('input "x": give the size of its dimension "length".');
    const graph = heads();
    graph.outputs[0]!.name = "z";
    expect(() => bindGraph(graph, { batch: 4, length: 5 })).toThrow(UserError);
  });
});
