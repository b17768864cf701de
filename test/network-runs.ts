// Networks over small made-up columns, executed by ONNX Runtime. For tests.

import { createRng, type Rng } from "../src/base/rng.ts";
import { networkGraph } from "../src/engine/network-graph.ts";
import type { Model } from "../src/engine/training/model.ts";
import type { Graph } from "../src/graph/graph.ts";
import type { RunTensor } from "../src/graph/runtime.ts";
import type { NetworkInputs, NetworkMethod } from "../src/kinds/network.ts";
import { parseOptions } from "../src/kinds/options.ts";
import { onnxRuntime } from "../src/node/onnx-runtime.ts";
import { encodeOnnx } from "../src/onnx/encode.ts";

const runtime = onnxRuntime({ threads: 1 });

export const nothing: NetworkInputs = { fields: 0, rows: 0, numeric: 0, bags: [], dense: [] };
const bags: NetworkInputs["bags"] = [
  { name: "tags", rows: 9, length: 4, pool: "mean" },
  { name: "seen", rows: 6, length: 3, pool: "sum" },
];
const dense: NetworkInputs["dense"] = [{ name: "text", width: 5 }];
const places = [
  { name: "user", first: 0, rows: 5 },
  { name: "item", first: 5, rows: 7 },
  { name: "hour", first: 12, rows: 3 },
];

/** Every kind of column, alone and together. */
export const mixtures: Readonly<Record<string, NetworkInputs>> = {
  "user and item": { ...nothing, fields: 2, rows: 12, places: places.slice(0, 2) },
  fields: { ...nothing, fields: 3, rows: 15, places },
  "one field": { ...nothing, fields: 1, rows: 5, places: places.slice(0, 1) },
  numbers: { ...nothing, numeric: 4 },
  "lists and a vector": { ...nothing, bags, dense },
  everything: { fields: 3, rows: 15, places, numeric: 4, bags, dense },
};

/** The network with the options given, and defaults for the rest. */
export function built(
  network: NetworkMethod,
  options: object,
  inputs: NetworkInputs,
  seed: number | string = 1,
): Model {
  return networkGraph(network, parseOptions(network.options, options, network.name), inputs, createRng(seed));
}

/** Options that make every hidden layer `width` wide. */
export const widths = (network: NetworkMethod, width: number): object =>
  Object.fromEntries(
    Object.entries(network.options.parse({}) as object).flatMap(([key, value]: [string, unknown]) =>
      Array.isArray(value) && typeof value[0] === "number" ? [[key, value.map(() => width)]] : [],
    ),
  );

/** Gives every weight, table and running statistic values that matter; a variance is positive. */
export function randomise({ graph, weights, tables }: Model, rng: Rng): void {
  const statistics = graph.nodes.flatMap(({ op, inputs }) => (op === "BatchNormalization" ? inputs.slice(3) : []));
  for (const name of [...weights, ...tables, ...statistics]) {
    const data = graph.initializers.get(name)!.data as Float32Array;
    for (let i = 0; i < data.length; i++) {
      data[i] = name.endsWith(".variance") ? 0.5 + rng.uniform() : 0.5 * rng.normal();
    }
  }
}

/** Feeds of `n` random rows; lists are padded on the right, and the first row's are empty. */
export function randomFeeds(inputs: NetworkInputs, n: number, rng: Rng): Record<string, RunTensor> {
  const floats = (width: number, draw: () => number): RunTensor => ({
    dtype: "float32",
    dims: [n, width],
    data: Float32Array.from({ length: n * width }, draw),
  });
  const ids = (width: number, draw: (column: number) => number): RunTensor => ({
    dtype: "int64",
    dims: [n, width],
    data: BigInt64Array.from({ length: n * width }, (_, i) => BigInt(draw(i % width))),
  });
  const feeds: Record<string, RunTensor> = {};
  const { fields, numeric, places: at = [] } = inputs;
  if (fields > 0) feeds["ids"] = ids(fields, (column) => at[column]!.first + rng.below(at[column]!.rows));
  if (numeric > 0) feeds["numeric"] = floats(numeric, () => rng.normal());
  for (const { name, rows, length } of inputs.bags) {
    const lengths = Array.from({ length: n }, (_, row) => (row === 0 ? 0 : 1 + rng.below(length)));
    const mask = floats(length, () => 0);
    for (let row = 0; row < n; row++) (mask.data as Float32Array).fill(1, row * length, row * length + lengths[row]!);
    feeds[`bag.${name}`] = ids(length, () => rng.below(rows));
    feeds[`bag.${name}.mask`] = mask;
  }
  for (const { name, width } of inputs.dense) feeds[`dense.${name}`] = floats(width, () => rng.normal());
  return feeds;
}

/** Rows [from, to) of every feed. */
export const rowsOf = (feeds: Readonly<Record<string, RunTensor>>, from: number, to: number) =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { dtype, dims, data }]): [string, RunTensor] => {
      const width = dims.slice(1).reduce((a, b) => a * b, 1);
      return [name, { dtype, dims: [to - from, ...dims.slice(1)], data: data.slice(from * width, to * width) }];
    }),
  );

export const openGraph = (graph: Graph) => runtime.open(encodeOnnx(graph));

/** What the graph answers to each of several feeds, by output. */
export async function answers(
  graph: Graph,
  ...feeds: readonly Readonly<Record<string, RunTensor>>[]
): Promise<Record<string, RunTensor>[]> {
  const session = await openGraph(graph);
  try {
    const results: Record<string, RunTensor>[] = [];
    for (const one of feeds) results.push(await session.run(one));
    return results;
  } finally {
    await session.close();
  }
}
