import { expect, test } from "vitest";
import { float32, int64 } from "../graph/tensor.ts";
import type { Encoder } from "../recommender/encoder/encoder.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table } from "../tables/table.ts";
import { flopsPerRequest, parameters } from "./cost.ts";

const [items, width, d] = [10, 6, 4];
const zeros = (rows: number, cols: number) => f32Table(rows, cols, new Float32Array(rows * cols));
const encoder: Encoder = {
  ...{ length: 5, width, d },
  nodes: [
    { op: "ReduceSum", inputs: ["rows", "axis"], outputs: ["sum"], attributes: { keepdims: 0 } },
    { op: "MatMul", inputs: ["sum", "w"], outputs: ["query"], attributes: {} },
  ],
  weights: { axis: int64(1), w: float32([width, d], new Float32Array(width * d)) },
};
const recommender: Recommender = {
  ...{ query: "history", pool: "sum", items, encoder },
  tables: { history: zeros(items, width), item: zeros(items, d), bias: zeros(1, items) },
};

test.each([
  ["shorter than the encoder reads", 3, 3],
  ["longer", 9, 5],
  ["of no items on average", 0.2, 1],
])("an encoder is counted over the rows of a history: %s", (_, mean, read) => {
  // The sum adds every number of the rows; the product and the scan multiply and add.
  expect(flopsPerRequest(recommender, mean)).toBe(read * width + 2 * width * d + 2 * d * items + items);
});

test("without an encoder the rows are added up", () => {
  const { encoder: _, ...pooled } = { ...recommender, tables: { item: zeros(items, d) } };
  expect(flopsPerRequest(pooled, 3)).toBe(3 * d + 2 * d * items);
  expect(parameters(pooled)).toBe(items * d);
});

test("an encoder's weights are parameters, its whole numbers too", () => {
  expect(parameters(recommender)).toBe(items * (width + d + 1) + width * d + 1);
});
