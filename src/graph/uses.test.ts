import fc from "fast-check";
import { expect, test } from "vitest";
import { buildGraph } from "./builder.ts";
import type { Graph, GraphBody } from "./graph.ts";
import { sortNodes } from "./sort.ts";
import { float32, int64 } from "./tensor.ts";
import { usesOf } from "./uses.ts";
import { verify } from "./verify.ts";

function sample(): Graph {
  const b = buildGraph("g", 21);
  const x = b.input("x", "float32", [2]);
  const w = b.constant("w", float32([2], Float32Array.of(1, 2)));
  const y = b.node("Mul", [x, w], {}, "y");
  b.node("Add", [y, y], {}, "z");
  b.output("z", "float32", [2]);
  return b.graph;
}

const branch = (reads: string, name: string): GraphBody => ({
  name,
  inputs: [],
  outputs: [{ name: `${name}_out`, dtype: "float32", shape: [2] }],
  initializers: new Map(),
  nodes: [{ name: "", op: "Neg", domain: "", inputs: [reads], outputs: [`${name}_out`], attributes: {} }],
});

test("a value knows who writes and who reads it, branches included", () => {
  const graph = sample();
  graph.nodes.push({
    ...{ name: "if", op: "If", domain: "", inputs: ["flag"], outputs: ["chosen"] },
    attributes: { then_branch: { graph: branch("y", "a") }, else_branch: { graph: branch("w", "b") } },
  });
  const uses = usesOf(graph);
  expect(uses.producer("y")?.op).toBe("Mul");
  expect(uses.producer("x")).toBeUndefined();
  expect(uses.readers("y").map((n) => n.op)).toEqual(["Add", "If"]);
  expect(uses.readers("a_out")).toEqual([]);
  uses.replaceAllUses("y", "x");
  expect(uses.readers("y")).toEqual([]);
  expect(uses.readers("x").map((n) => n.op)).toEqual(["Mul", "Add", "If"]);
  expect(JSON.stringify(graph.nodes)).not.toContain('"inputs":["y');
});

test("a node can be put before another", () => {
  const graph = sample();
  const uses = usesOf(graph);
  const half = { name: "half", op: "Sqrt", domain: "", inputs: ["y"], outputs: [uses.unique("y")], attributes: {} };
  uses.insertBefore(graph.nodes[1]!, [half]);
  expect(half.outputs).toEqual(["y_2"]);
  expect(graph.nodes.map((n) => n.op)).toEqual(["Mul", "Sqrt", "Add"]);
  expect(uses.producer("y_2")).toBe(half);
  expect(uses.readers("y")).toContain(half);
  verify(graph);
});

test("a constant is an initializer or a Constant", () => {
  const graph = sample();
  const one = float32([], Float32Array.of(1));
  graph.nodes.unshift({
    ...{ name: "", op: "Constant", domain: "", inputs: [], outputs: ["one"], attributes: { value: one } },
  });
  const uses = usesOf(graph);
  expect(uses.constant("one")).toBe(one);
  expect(uses.constant("w")).toBe(graph.initializers.get("w"));
  expect(uses.constant("y")).toBeUndefined();
});

test("an output that is replaced keeps its name", () => {
  const graph = sample();
  const uses = usesOf(graph);
  uses.replaceAllUses("z", "y");
  expect(uses.producer("z")).toMatchObject({ op: "Identity", inputs: ["y"] });
  verify(graph);
  expect(uses.removeUnused()).toBe(1);
  expect(graph.nodes.map((n) => n.op)).toEqual(["Mul", "Identity"]);
});

test("a branch whose output is read from around it keeps an output of its own", () => {
  const graph = sample();
  const body = { ...branch("x", "a"), nodes: [], outputs: [{ name: "y", dtype: "float32" as const, shape: [2] }] };
  graph.nodes.push({
    ...{ name: "if", op: "If", domain: "", inputs: ["x"], outputs: ["chosen"] },
    attributes: { then_branch: { graph: body } },
  });
  usesOf(graph).replaceAllUses("y", "x");
  expect(body.nodes).toMatchObject([{ op: "Identity", inputs: ["x"], outputs: [body.outputs[0]!.name] }]);
  verify(graph);
});

test("what no output depends on goes, and with it constants and the types of values", () => {
  const graph = sample();
  graph.initializers.set("idle", int64(1));
  graph.nodes.push({ name: "", op: "Exp", domain: "", inputs: ["y"], outputs: ["e"], attributes: {} });
  graph.values = ["y", "e"].map((name) => ({ name, dtype: "float32", shape: [2] }));
  expect(usesOf(graph).removeUnused()).toBe(2);
  expect([...graph.initializers.keys()]).toEqual(["w"]);
  expect(graph.values.map((v) => v.name)).toEqual(["y"]);
});

/** Chains and joins over earlier values, shuffled. */
const shuffled = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 30 }).chain((reads) =>
  fc.shuffledSubarray(
    reads.map(([a, b], i) => ({ i, inputs: [`v${a % (i + 1)}`, `v${b % (i + 1)}`], outputs: [`v${i + 1}`] })),
    { minLength: reads.length },
  ),
);

test("sorting puts every value before its readers and is stable", () => {
  fc.assert(
    fc.property(shuffled, (list) => {
      const nodes = list.map(({ i, ...rest }) => ({ name: `${i}`, op: "Add", domain: "", attributes: {}, ...rest }));
      const graph: Graph = {
        ...{ name: "g", opset: 21, domains: {}, initializers: new Map(), nodes },
        inputs: [{ name: "v0", dtype: "float32", shape: [] }],
        outputs: [{ name: `v${nodes.length}`, dtype: "float32", shape: [] }],
      };
      sortNodes(graph);
      verify(graph);
      const once = [...graph.nodes];
      sortNodes(graph);
      expect(graph.nodes).toEqual(once);
    }),
  );
});
