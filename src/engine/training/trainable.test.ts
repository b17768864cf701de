// What learns in the graphs that PyTorch exported (test/fixtures/foreign), and in odd ones.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { runGraph } from "../../../test/run-graph.ts";
import { buildGraph } from "../../graph/builder.ts";
import { float32, int64 } from "../../graph/tensor.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { findEmbeddingTables } from "../../recommender/foreign/embedding-tables.ts";
import { viewGraph } from "../../recommender/foreign/view.ts";
import { retie } from "./retie.ts";
import { trainableModel } from "./trainable.ts";

const fixture = (name: string) => decodeOnnx(readFileSync(`test/fixtures/foreign/${name}.onnx`), name);

describe.each(["dynamo", "script"])("of PyTorch's %s exporter", (exporter) => {
  const model = (name: string) => trainableModel(fixture(`${name}.${exporter}`));
  test("DeepFM: layers and bias are weights, both embeddings tables", () => {
    const { weights, tables } = model("deepfm");
    expect(tables.toSorted()).toEqual(["embedding.weight", "linear.weight"]);
    const layers = [0, 3, 6].flatMap((i) => [`mlp.${i}.bias`, `mlp.${i}.weight`]);
    expect(weights.toSorted()).toEqual(["bias", ...layers]);
  });
  test("DLRM: every field's table; numbers of pairs are no weights", () => {
    const { weights, tables } = model("dlrm");
    expect(tables.toSorted()).toEqual([0, 1, 2, 3].map((i) => `tables.${i}.weight`));
    expect(weights).toHaveLength(8);
  });
  test("two towers: the bound of the norm and the scale stay", () => {
    const { weights, tables } = model("two-tower");
    expect(tables.toSorted()).toEqual(["country.weight", "genre.weight", "item_id.weight", "user_id.weight"]);
    expect(weights.every((name) => /tower\.\d\.(weight|bias)$/.test(name))).toBe(true);
  });
  test("SASRec: matrices without their names are weights, the mask of the future stays", () => {
    const { graph, weights, tables } = model("sasrec");
    expect(tables).toEqual(["item_emb.weight"]);
    const matrices = graph.nodes.flatMap(({ op, inputs }) => (op === "MatMul" ? inputs : []));
    const constants = matrices.filter((name) => graph.initializers.has(name));
    expect(constants).toHaveLength(9);
    expect(weights).toEqual(expect.arrayContaining(constants));
    expect(weights).not.toContain("triu");
  });
  test("SASRec: what was one matrix becomes one again, and answers stay", async () => {
    const graph = fixture(`sasrec.${exporter}`);
    const feeds = { item_seq: { ...int64(...[0, 0, 0, 0, 0, 5, 9, 60, 1, 7]), dims: [1, 10] } };
    const before = await runGraph(graph, feeds as never);
    const [table] = findEmbeddingTables(viewGraph(graph));
    expect(table!.copies).toHaveLength(1);
    retie(graph, [table!]);
    expect(graph.initializers.has(table!.copies[0]!)).toBe(false);
    const { weights, tables } = trainableModel(graph);
    expect([tables, weights.includes("item_emb.weight")]).toEqual([[], true]);
    expect(await runGraph(graph, feeds as never)).toEqual(before);
  });
});

test("masks, epsilons, bounds, exponents, and what only a comparison or a shape reads, do not learn", () => {
  const b = buildGraph("odd", 21);
  const x = b.input("x", "float32", ["n", 2]);
  const of = (name: string, ...values: number[]) =>
    b.constant(name, float32([values.length], Float32Array.from(values)));
  const kept = b.node("Mul", [x, b.constant("keep", float32([2, 2], Float32Array.of(1, 0, 1, 0)))]);
  const scaled = b.node("Mul", [kept, of("scale", 0.5, 2)]);
  const raised = b.node("Pow", [scaled, of("exponent", 2, 2)]);
  const safe = b.node("Add", [raised, of("epsilon", 1e-6)]);
  const seen = b.node("Greater", [safe, of("threshold", 0.1, 0.2)]);
  const chosen = b.node("Where", [seen, safe, of("otherwise", 0.3, 0.3)]);
  b.node("Shape", [of("shaped", 1, 2, 3)]);
  b.node("Identity", [of("unread", 1, 2)]);
  b.output(chosen, "float32", ["n", 2]);
  expect(trainableModel(b.graph).weights).toEqual(["scale", "otherwise"]);
});

test("a table whose rows a constant picks is a weight", () => {
  const b = buildGraph("positions", 21);
  const x = b.input("x", "float32", ["n", 2, 3]);
  const positions = b.constant("positions", float32([4, 3], new Float32Array(12).fill(0.5)));
  const picked = b.node("Gather", [positions, b.constant("two", int64(0, 1))]);
  b.output(b.node("Add", [x, picked]), "float32", ["n", 2, 3]);
  const { weights, tables } = trainableModel(b.graph);
  expect([weights, tables]).toEqual([["positions"], []]);
});
