import { expect, test } from "vitest";
import { float32, int64 } from "../../graph/tensor.ts";
import type { Encoder } from "../../recommender/encoder/encoder.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { sparseTable } from "../../tables/sparse.ts";
import { f32Table, type Table } from "../../tables/table.ts";
import { outsideBytes, parametersOf, recommenderWork } from "./recommender-work.ts";

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

const alone = ({ flops, macs, traffic }: ReturnType<typeof recommenderWork>) => {
  const one = ({ fixed, perRow }: { fixed: number; perRow: number }) => fixed + perRow;
  const { weights, rows, values } = traffic;
  return { flops: one(flops), macs: one(macs), weights: one(weights), rows: one(rows), values: one(values) };
};

test.each([
  ["shorter than the encoder reads", 3, 3],
  ["longer", 9, 5],
  ["of no items on average", 0.2, 1],
])("an encoder is counted over the rows of a history: %s", (_, mean, read) => {
  const { flops, macs, weights, rows } = alone(recommenderWork(recommender, mean));
  // The sum adds every number of the rows; the product and the scan multiply and add.
  expect(flops).toBe(read * width + 2 * width * d + 2 * d * items + items);
  expect(macs).toBe(width * d + d * items);
  // The product's matrix, the axis, the item table and the bias.
  expect(weights).toBe(4 * width * d + 8 + 4 * items * d + 4 * items);
  expect(rows).toBe(4 * read * width);
});

test("without an encoder the rows are added up", () => {
  const { encoder: _, ...pooled } = { ...recommender, tables: { item: zeros(items, d) } };
  const work = recommenderWork(pooled, 3);
  const perRequest = { flops: 3 * d + 2 * d * items, macs: d * items, rows: 3 * 4 * d, values: 2 * 4 * items };
  expect(alone(work)).toEqual({ ...perRequest, weights: 4 * d * items });
  // Answered together, requests share the scan and nothing else.
  expect(work.traffic.weights).toEqual({ fixed: 4 * d * items, perRow: 0 });
  expect(work.flops.fixed).toBe(0);
  expect(parametersOf(pooled)).toEqual({ tables: items * d, weights: 0 });
  expect(outsideBytes(pooled)).toBe(0);
});

test("packed rows are read packed, half floats as the float32 that the scorer makes of them", () => {
  const packed = { encoding: "int8-row", rows: items, cols: d, tensors: { data: new Uint8Array(items * (d + 8)) } };
  const half = { encoding: "f16", rows: items, cols: d, tensors: { data: new Uint16Array(items * d) } };
  const form = { query: "history", pool: "sum", items } as const;
  const read = (item: Table) => alone(recommenderWork({ ...form, tables: { item } }, 2));
  expect(read(packed)).toMatchObject({ weights: items * (d + 8), rows: 2 * (d + 8) });
  expect(read(half)).toMatchObject({ weights: 4 * items * d, rows: 2 * 4 * d });
});

test("a sparse table is read as pairs of item and number, and kept outside kernel memory", () => {
  const indptr = Int32Array.from({ length: items + 1 }, (_, i) => 64 * Math.min(i, 1));
  const indices = Int32Array.from({ length: 64 }, (_, i) => i % items).sort();
  const history = sparseTable(items, 64, { indptr, indices, values: new Float32Array(64).fill(1) });
  const neighbours: Recommender = { query: "history", pool: "sum", items, tables: { history } };
  const { flops, macs, weights, rows } = alone(recommenderWork(neighbours, 5));
  expect({ flops, macs, weights, rows }).toEqual({ flops: 32, macs: 0, weights: 0, rows: 8 * 32 });
  expect(parametersOf(neighbours).tables).toBe(64);
  expect(outsideBytes(neighbours)).toBe(8 * 64 + 4 * (items + 1));
});

test("popularity reads its bias and computes nothing", () => {
  const popular: Recommender = { query: "none", pool: "sum", items, tables: { bias: zeros(1, items) } };
  expect(alone(recommenderWork(popular, 5))).toMatchObject({ flops: 0, macs: 0, weights: 4 * items, rows: 0 });
});

test("an encoder's weights are parameters, its whole numbers too", () => {
  expect(parametersOf(recommender)).toEqual({ tables: items * (width + d + 1), weights: width * d + 1 });
});
