import { expect, test } from "vitest";
import { UserError } from "../base/errors.ts";
import { buildGraph } from "./builder.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { sortNodes } from "./sort.ts";
import { float32, int64 } from "./tensor.ts";
import { verify } from "./verify.ts";

function sample(): Graph {
  const b = buildGraph("g", 21);
  b.node("Relu", [b.input("x", "float32", ["batch", 2])], {}, "y");
  b.node("Exp", ["y"], {}, "z");
  b.output("z", "float32", ["batch", 2]);
  return b.graph;
}

const node = (part: Partial<GraphNode>): GraphNode => ({
  ...{ name: "n", op: "Neg", domain: "", inputs: ["x"], outputs: ["new"], attributes: {} },
  ...part,
});

test("a graph that is one passes", () => {
  expect(() => verify(sample())).not.toThrow();
});

const wrong: [string, (graph: Graph) => void, RegExp][] = [
  ["a value written twice", (g) => g.nodes.push(node({ outputs: ["y"] })), /Neg n: value "y" is written twice/],
  ["an input that is written", (g) => g.nodes.push(node({ outputs: ["x"] })), /value "x" is written twice/],
  ["a constant with an input's name", (g) => g.initializers.set("x", int64(1)), /value "x" is written twice/],
  ["an unknown value", (g) => g.nodes.push(node({ inputs: ["nowhere"] })), /Neg n: it reads "nowhere"/],
  ["a wrong order", (g) => g.nodes.reverse(), /Exp z: it reads "y", which nothing before it writes/],
  ["a cycle", (g) => (g.nodes[0]!.inputs = ["z"]), /Relu y: it waits for a value that depends on itself/],
  ["a node that reads itself", (g) => (g.nodes[0]!.inputs = ["y"]), /depends on itself/],
  ["an output from nowhere", (g) => (g.outputs[0]!.name = "w"), /nothing writes its output "w"/],
  ["an output twice", (g) => g.outputs.push(g.outputs[0]!), /two outputs "z"/],
  ["an input without a name", (g) => (g.inputs[0]!.name = ""), /an input has no name/],
  ["a negative dimension", (g) => (g.inputs[0]!.shape = [-1]), /"x" has a dimension of -1/],
  ["a domain without version", (g) => g.nodes.push(node({ domain: "a.b" })), /no version of the operators of "a.b"/],
  ["a node without operator", (g) => g.nodes.push(node({ op: "" })), /names no operator/],
  ["a node's name twice", (g) => g.nodes.push(node({ name: "z" })), /two nodes are named "z"/],
  ["no opset", (g) => (g.opset = 0), /version 0 of the operators does not exist/],
  ["half an int", (g) => g.nodes.push(node({ attributes: { axis: 0.5 } })), /attribute "axis": 0.5 is not whole/],
  ["half ints", (g) => g.nodes.push(node({ attributes: { axes: [1, 0.5] } })), /attribute "axes": a number is not/],
  ["a stray reference", (g) => g.nodes.push(node({ attributes: { a: { ref: "b", kind: 1 } } })), /refers to "b"/],
  [
    "a constant of another shape",
    (g) => g.initializers.set("c", float32([3], new Float32Array(2))),
    /constant "c": it holds 8 bytes, its shape needs 12/,
  ],
  [
    "a branch that reads nothing",
    (g) => {
      const inner = { ...sample(), inputs: [], nodes: [node({ inputs: ["q"] })], outputs: [] };
      g.nodes.push(node({ op: "If", attributes: { then_branch: { graph: inner } } }));
    },
    /If n: graph "g": Neg n: it reads "q"/,
  ],
];

for (const [name, spoil, message] of wrong) {
  test(`${name} is one sentence`, () => {
    const graph = sample();
    spoil(graph);
    expect(() => verify(graph, "model.onnx")).toThrow(UserError);
    expect(() => verify(graph, "model.onnx")).toThrow(message);
    expect(() => verify(graph, "model.onnx")).toThrow(/^model.onnx: [^\n]*\.$/);
  });
}

test("a cycle cannot be sorted", () => {
  const graph = sample();
  graph.nodes[0]!.inputs = ["z"];
  expect(() => sortNodes(graph)).toThrow(UserError);
});
