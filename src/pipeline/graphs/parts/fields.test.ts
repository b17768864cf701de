// Fields that go, from networks of ours and from what PyTorch exported.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { apartBy, cutBy, numbersIn, wholeOf } from "../../../../test/graph-parts.ts";
import { tableOf } from "../../../../test/raw-table.ts";
import { createRng } from "../../../base/rng.ts";
import { fitColumns } from "../../../data/columns/columns.ts";
import { networkGraph } from "../../../engine/network-graph.ts";
import { elements, float32 } from "../../../graph/tensor.ts";
import { decodeOnnx } from "../../../onnx/decode.ts";
import { inspectModel } from "../../../recommender/foreign/inspect.ts";
import { registry } from "../../registry.ts";
import { sampleFeeds } from "../../sample-feeds.ts";
import { fieldsOf } from "./fields.ts";
import type { Whole } from "./part.ts";

const rng = createRng("fields");
const rows = Array.from({ length: 40 }, (_, r) => r);
const words = (n: number) => rows.map((r) => `w${r % n}`);
const table = tableOf({
  user: words(7),
  item: words(9),
  day: words(5),
  age: rows.map((r) => (r % 6 === 0 ? Number.NaN : r)),
  price: rows.map((r) => r * r),
  tags: rows.map((r) => `a${r % 3}|b${r % 4}`),
});

function network(use: string, options: object, names = ["user", "item", "day"]): Whole {
  const of = {
    age: { kind: "number", column: "age", indicator: true },
    price: { kind: "number", column: "price" },
    tags: { kind: "tags", column: "tags" },
  } as const;
  const columns = fitColumns(
    table,
    names.map((name) => (name in of ? of[name as keyof typeof of] : { kind: "category", column: name })) as never,
  );
  const method = registry.find("network", use, "test");
  const { graph } = networkGraph(method, method.options.parse(options), columns.inputs, rng.fork("start"));
  for (const [name, { dims, dtype }] of graph.initializers) {
    if (dtype !== "float32" || dims.length === 0) continue;
    const positive = /scale|variance/.test(name);
    const draw = () => (positive ? 0.5 + rng.uniform() : 0.4 * rng.normal());
    graph.initializers.set(name, float32(dims, Float32Array.from({ length: elements(dims) }, draw)));
  }
  return wholeOf(graph, columns);
}

/** Rows whose numbers every field has. */
function feedsOf({ graph, columns }: Whole) {
  if (!columns)
    return sampleFeeds(
      inspectModel(graph, () => true),
      64,
      createRng("feeds"),
    );
  const { n, ids, fields, numeric, numbers, bags } = columns.encode(table);
  return {
    ids: { dtype: "int64", dims: [n, fields], data: BigInt64Array.from(ids, BigInt) },
    numeric: { dtype: "float32", dims: [n, numbers], data: numeric },
    ...Object.fromEntries(
      bags.flatMap((bag) => {
        const width = bag.length;
        const at = (r: number, k: number) => bag.start[r]! + k;
        const cells = Array.from({ length: n * width }, (_, i) => [Math.floor(i / width), i % width] as const);
        const held = cells.map(([r, k]) => at(r, k) < bag.start[r + 1]!);
        return [
          [
            `bag.${bag.name}`,
            {
              dtype: "int64",
              dims: [n, width],
              data: BigInt64Array.from(cells, ([r, k], i) => BigInt(held[i] ? bag.ids[at(r, k)]! : 0)),
            },
          ],
          [`bag.${bag.name}.mask`, { dtype: "float32", dims: [n, width], data: Float32Array.from(held, Number) }],
        ];
      }),
    ),
  } as never;
}

function cut(of: Whole, names: readonly string[]) {
  const parts = fieldsOf(of).filter(({ name }) => names.includes(name));
  expect(parts).toHaveLength(names.length);
  return cutBy(of, parts, feedsOf(of));
}

/** Gives every row of a field the same numbers. */
function still({ graph, columns }: Whole, name: string, value: number): void {
  const { first, rows } = columns!.inputs.places.find((place) => place.name === name)!;
  for (const [of, { dims, data }] of graph.initializers) {
    if (!/embedding|linear/.test(of) || dims.length !== 2 || dims[0] !== columns!.inputs.rows) continue;
    const width = dims[1]!;
    graph.initializers.set(
      of,
      float32(
        dims,
        (data as Float32Array).map((x, i) =>
          i >= first * width && i < (first + rows) * width ? value * ((i % width) + 1) : x,
        ),
      ),
    );
  }
}

const deep = { d: 4, hidden: [16, 8] };

test.each([
  ["lr", {}],
  ["wide-deep", deep],
  ["fm", { d: 4 }],
  ["deepfm", deep],
])("of %s a field that is always the same goes without a trace", async (use, options) => {
  const of = network(use, options, ["user", "item", "day", "age", "price"]);
  still(of, "item", 0.3);
  const left = await cut(of, ["item"]);
  expect(left.columns!.fitted.map(({ column }) => column)).toEqual(["user", "day", "age", "price"]);
  expect(await apartBy(of.graph, left, feedsOf(of))).toBeLessThan(1e-4);
  for (const { name, rows } of left.manifest.tables) expect([name, rows]).toEqual([name, left.columns!.inputs.rows]);
});

test.each([
  ["dcnv2", { ...deep, crossLayers: 2 }],
  ["dcnv2", { ...deep, crossLayers: 2, structure: "stacked", rank: 3, experts: 2 }],
  ["dlrm", { ...deep, bottom: [8] }],
  ["finalmlp", { d: 4, hidden1: [16], hidden2: [8], heads: 2, gateHidden: [8], context1: ["user"], context2: ["day"] }],
])("of %s a field of zeros goes without a trace", async (use, options) => {
  const of = network(use, options, ["user", "item", "day", "age", "price"]);
  still(of, "item", 0);
  const left = await cut(of, ["item"]);
  expect(await apartBy(of.graph, left, feedsOf(of))).toBeLessThan(1e-4);
  expect(numbersIn(left.graph)).toBeLessThan(0.9 * numbersIn(of.graph));
  expect(left.graph.nodes.filter(({ op }) => op === "Gather").length).toBeLessThanOrEqual(
    of.graph.nodes.filter(({ op }) => op === "Gather").length,
  );
});

test("all kinds of columns go, alone and together", async () => {
  const names = ["user", "age", "tags", "day", "price"];
  const of = network("deepfm", deep, names);
  for (const gone of [
    ["user"],
    ["age"],
    ["tags"],
    ["user", "day"],
    ["age", "price"],
    ["tags", "age", "user"],
    ["user", "day", "tags", "price"],
  ]) {
    const left = await cut(of, gone);
    expect(left.columns!.fitted.map(({ column }) => column)).toEqual(names.filter((name) => !gone.includes(name)));
    const { bags, numeric, fields, rows } = left.columns!.inputs;
    const widths = Object.fromEntries(left.graph.inputs.map(({ name, shape }) => [name, shape[1]]));
    expect(widths).toEqual({
      ...(fields && { ids: fields }),
      ...(numeric && { numeric }),
      ...Object.fromEntries(
        bags.flatMap(({ name, length }) => [
          [`bag.${name}`, length],
          [`bag.${name}.mask`, length],
        ]),
      ),
    });
    for (const one of left.manifest.tables) if (/^(embedding|linear)$/.test(one.name)) expect(one.rows).toBe(rows);
    expect(await apartBy(of.graph, left, feedsOf(of))).toBeLessThan(20);
  }
});

describe.each(["deepfm", "dlrm", "two-tower"].flatMap((name) => [`${name}.dynamo`, `${name}.script`]))("%s", (name) => {
  test("loses fields, their rows and their columns of the weights", async () => {
    const of = wholeOf(decodeOnnx(readFileSync(`test/fixtures/foreign/${name}.onnx`), name));
    const parts = fieldsOf(of);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of [parts[0]!, parts.at(-1)!]) {
      const left = await cut(of, [part.name]);
      expect(numbersIn(left.graph)).toBeLessThan(numbersIn(of.graph));
      expect(await apartBy(of.graph, left, feedsOf(of))).toBeLessThan(Number.POSITIVE_INFINITY);
    }
  });
});
