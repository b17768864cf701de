import { expect, test } from "vitest";
import { buildGraph } from "./builder.ts";
import { opsOn } from "./ops.ts";
import { float32 } from "./tensor.ts";
import { typedBuilder } from "./typed-builder.ts";
import { graphWork, peakBytes } from "./work.ts";

const [rows, width, hidden] = [50, 4, 6];
const f32 = (...dims: number[]) => float32(dims, new Float32Array(dims.reduce((n, d) => n * d, 1)).fill(1));

/** ids [batch] → row of a table → product with a matrix that is first scaled → ReLU. */
function network() {
  const g = opsOn(typedBuilder(buildGraph("work", 21).graph, { batch: 1 }));
  const ids = g.input("ids", "int64", ["batch"]);
  const picked = g.node("Gather", [g.constant("table", f32(rows, width)), ids]);
  const scaled = g.node("Mul", [g.constant("w", f32(width, hidden)), g.constant("two", f32(1))]);
  const made = g.node("Relu", [g.matmul(picked, scaled)]);
  g.output(made, "logits");
  return g.graph;
}

const by = (batch: number) => Object.fromEntries(graphWork(network(), { batch }).map((one) => [one.op, one]));

test.each([1, 7])("bytes are at the operator that needs them, arithmetic and traffic as bound: batch %i", (batch) => {
  const { Gather, MatMul, Relu, Mul } = by(batch);
  const values = 4 * batch * hidden;
  expect(Mul).toBeUndefined();
  expect(Gather).toMatchObject({ bytes: 4 * rows * width, rows: 4 * batch * width, weights: 0, flops: 0 });
  expect(Gather!.values).toBe(8 * batch + 4 * batch * width);
  // The matrix and its factor, which only constants reach, are the product's.
  expect(MatMul).toMatchObject({ bytes: 4 * width * hidden + 4, macs: batch * width * hidden, rows: 0 });
  expect(MatMul).toMatchObject({ weights: 4 * width * hidden, flops: 2 * batch * width * hidden });
  expect(MatMul!.values).toBe(4 * batch * width + values);
  expect(Relu).toMatchObject({ bytes: 0, flops: batch * hidden, values: 2 * values });
});

test("every constant is counted once", () => {
  const graph = network();
  const table = graph.nodes.find(({ op }) => op === "Gather")!;
  graph.nodes.splice(1, 0, { ...table, name: "again", outputs: ["again"] });
  const bytes = graphWork(graph, { batch: 1 }).reduce((sum, one) => sum + one.bytes, 0);
  expect(bytes).toBe(4 * (rows * width + width * hidden + 1));
});

test("a constant that is picked from is not read whole, an index that is constant is", () => {
  const g = opsOn(typedBuilder(buildGraph("work", 21).graph, { batch: 1 }));
  const x = g.input("x", "float32", ["batch", width]);
  g.output(g.node("Gather", [x, g.ints(0, 2)], { axis: 1 }), "logits");
  expect(graphWork(g.graph, { batch: 3 })[0]).toMatchObject({ op: "Gather", rows: 0, weights: 2 * 8 });
});

test("at its peak an operator's inputs and outputs are alive, and nothing that is not read again", () => {
  for (const batch of [1, 5]) {
    // ids and row; row and product; product and ReLU of it: the last is the most.
    const most = Math.max(8 + 4 * width, 4 * width + 4 * hidden, 8 * hidden);
    expect(peakBytes(network(), { batch })).toBe(batch * most);
  }
});

test("a view takes no memory, and what it looks at lives as long", () => {
  const g = opsOn(typedBuilder(buildGraph("work", 21).graph, { batch: 1 }));
  const x = g.input("x", "float32", ["batch", width]);
  const seen = g.reshape(x, [width]);
  const [a, b] = [g.node("Relu", [x]), g.node("Exp", [seen])];
  g.output(a, "a");
  g.output(b, "b");
  expect(peakBytes(g.graph, { batch: 1 })).toBe(3 * 4 * width);
});
