// Each test builds a factor model in another spelling, with ops as exporters and people write them.

import { describe, expect, test } from "vitest";
import { type Builder, buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { float32, int64 } from "../../graph/tensor.ts";
import { recognizeFactors } from "./factors.ts";

const numbers = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i));

/** user: 5 × 3, item: 7 × 3, biases; `score` gets rows p and q of a pair and says how they become a score. */
function pair(score: (b: Builder, p: string, q: string) => string, inputs = ["user", "item"]): Graph {
  const b = buildGraph("mf", 17);
  const [user = "", item = ""] = inputs.map((name) => b.input(name, "int64", ["batch"]));
  const p = b.node("Gather", [b.constant("users", float32([5, 3], numbers(15))), user]);
  const q = b.node("Gather", [b.constant("items", float32([7, 3], numbers(21))), item]);
  b.output(score(b, p, q), "float32", ["batch"]);
  return b.graph;
}

const axes = (b: Builder, ...values: number[]) => b.constant("axes", int64(...values));
const scalar = (b: Builder, value: number) => b.constant("scalar", float32([], Float32Array.of(value)));
const dot = (b: Builder, p: string, q: string) =>
  b.node("ReduceSum", [b.node("Mul", [p, q]), axes(b, -1)], { keepdims: 0 });

describe("what is a factor model", () => {
  test("a product of rows, reduced; by Einsum; by a product of matrices a row", () => {
    const einsum = (b: Builder, p: string, q: string) => b.node("Einsum", [p, q], { equation: "bd, bd -> b" });
    const bmm = (b: Builder, p: string, q: string) => {
      const row = b.node("Unsqueeze", [p, axes(b, 1)]);
      const column = b.node("Unsqueeze", [q, axes(b, 2)]);
      return b.node("Squeeze", [b.node("MatMul", [row, column]), axes(b, 1, 2)]);
    };
    for (const score of [dot, einsum, bmm]) {
      expect(recognizeFactors(pair(score), {})).toMatchObject({ form: "pair", user: "user", item: "item", scale: 1 });
    }
  });

  test("scales multiply, signs of terms are kept, a Sigmoid on top is told", () => {
    const graph = pair((b, p, q) => {
      const itemBias = b.node("Gather", [b.constant("bias", float32([7], numbers(7))), "item"]);
      const sum = b.node("Sub", [b.node("Mul", [dot(b, p, q), scalar(b, 3)]), itemBias]);
      return b.node("Sigmoid", [b.node("Div", [sum, scalar(b, 2)])]);
    });
    const plan = recognizeFactors(graph, {});
    expect(plan).toMatchObject({ scale: 1.5, sigmoid: true, userTerms: [], constantTerms: [] });
    expect("itemTerms" in plan && plan.itemTerms.map(({ scale }) => scale)).toEqual([-0.5]);
  });

  test("towers of any depth, each of one input", () => {
    const tower = (b: Builder, x: string) =>
      b.node("Tanh", [b.node("Gemm", [x, b.constant("w", float32([3, 2], numbers(6)))])]);
    expect(
      recognizeFactors(
        pair((b, p, q) => dot(b, tower(b, p), tower(b, q))),
        {},
      ),
    ).toMatchObject({ form: "pair" });
  });

  test("the user may be on either side, and is who the user says", () => {
    const swapped = pair((b, p, q) => dot(b, q, p), ["customer", "movie"]);
    const plan = recognizeFactors(swapped, {});
    expect(plan).toMatchObject({ user: "customer", item: "movie" });
    expect("left" in plan && swapped.nodes.find((n) => n.outputs[0] === plan.left)?.inputs[1]).toBe("customer");
    const other = { user: "movie", item: "customer" };
    expect(recognizeFactors(swapped, other)).toMatchObject(other);
  });
});

describe("what is none, and why", () => {
  const why = (score: (b: Builder, p: string, q: string) => string, inputs?: string[]) =>
    recognizeFactors(pair(score, inputs), {});
  test.each<[string, (b: Builder, p: string, q: string) => string, RegExp]>([
    ["a sum of two products", (b, p, q) => b.node("Add", [dot(b, p, q), dot(b, q, p)]), /sum of several products/],
    [
      "an MLP over both",
      (b, p, q) => {
        const both = b.node("Concat", [p, q], { axis: 1 });
        return b.node("MatMul", [both, b.constant("w", float32([6, 1], numbers(6)))]);
      },
      /one side follows user and item/,
    ],
    ["a distance", (b, p, q) => b.node("ReduceL2", [b.node("Sub", [p, q])], { axes: [1] }), /more than a product/],
    ["no product at all", (b, p) => b.node("ReduceSum", [p, axes(b, 1)], { keepdims: 0 }), /no product/],
  ])("%s", (_, score, reason) => {
    expect(why(score)).toMatchObject({ why: expect.stringMatching(reason) });
  });

  test("inputs whose names do not tell are asked for", () => {
    expect(why(dot, ["a", "b"])).toEqual({
      why: "which of its inputs a and b is the user is not known",
      ask: ["a", "b"],
    });
    expect(recognizeFactors(pair(dot, ["a", "b"]), { user: "b" })).toMatchObject({ user: "b", item: "a" });
  });
});
