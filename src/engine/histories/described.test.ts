import { afterAll, expect, test } from "vitest";
import type { ColumnOptions } from "../../data/columns/columns.ts";
import { type RawColumn, wordsOf } from "../../data/raw-table.ts";
import { openKernels } from "../../node/threads.ts";
import { createEmbeddingTable } from "../tables/embedding-table.ts";
import { givenRows } from "../tables/init.ts";
import { tableMemories } from "../tables/memories.ts";
import { type Described, describedTable, describeRows, expanded, withFeatures } from "./described.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());

const things = {
  n: 3,
  columns: new Map<string, RawColumn>([
    ["country", wordsOf(["NL", "DE", "FR"])],
    ["year", { kind: "numbers", values: Float64Array.of(1, 3, 100) }],
    ["tags", wordsOf(["a|b", "", "b|c"])],
    ["place", wordsOf(["1 2", "0 3", "4 5"])],
  ]),
};
const columns: ColumnOptions[] = [
  { kind: "vector", column: "place", width: 2, separator: " " },
  { kind: "tags", column: "tags" },
  { kind: "category", column: "country" },
  { kind: "number", column: "year" },
];
/** Training meets the first two. */
const met = [true, true, false];
const described = describeRows(columns, things, met, "itemColumns");
const entries = ({ indptr, indices, weights }: Omit<Described, "rows">) =>
  Array.from({ length: indptr.length - 1 }, (_, i) =>
    Array.from(indices.subarray(indptr[i], indptr[i + 1]), (index, e) => [index, weights[indptr[i]! + e]!]),
  );

test("a thing is its own row and its features', which learn from what training meets", () => {
  // Own 0-2; country 3 missing, 4 unknown, 5 DE, 6 NL; year 7 (mean 2, deviation 1); tags 8 padding, 9 unknown, 10 a,
  // 11 b; place 12, 13.
  expect(described.rows).toBe(14);
  expect(entries(described)).toEqual([
    [
      ...[
        [0, 1],
        [6, 1],
        [7, -1],
      ],
      ...[
        [10, 0.5],
        [11, 0.5],
      ],
      ...[
        [12, 1],
        [13, 2],
      ],
    ],
    [
      [1, 1],
      [5, 1],
      [7, 1],
      [13, 3],
    ],
    [
      [4, 1],
      [7, 98],
      [11, 0.5],
      [9, 0.5],
      [12, 4],
      [13, 5],
    ],
  ]);
});

test("without columns a thing is its own row, and its table the one that it was", async () => {
  const plain = describeRows([], undefined, met, "itemColumns");
  const sums = { indptr: Int32Array.of(0, 2), indices: Int32Array.of(2, 0), weights: Float32Array.of(3, 4) };
  expect(expanded(sums, plain)).toBe(sums);
  expect(withFeatures(sums, Int32Array.of(1), plain, 3)).toBe(sums);
  const table = await open(plain.rows);
  expect(describedTable(kernels, table, plain)).toBe(table);
  table.free();
});

test("sums of things become sums of rows, and features of one thing more come behind", () => {
  const sums = { indptr: Int32Array.of(0, 0, 2), indices: Int32Array.of(1, 0), weights: Float32Array.of(2, 4) };
  expect(entries(expanded(sums, described))).toEqual([
    [],
    [
      ...[
        [1, 2],
        [5, 2],
        [7, 2],
        [13, 6],
      ],
      ...[
        [0, 4],
        [6, 4],
        [7, -4],
      ],
      ...[
        [10, 2],
        [11, 2],
      ],
      ...[
        [12, 4],
        [13, 8],
      ],
    ],
  ]);
  expect(entries(withFeatures(sums, Int32Array.of(0, 1), described, 20))).toEqual([
    [
      [23, 1],
      [24, -1],
      [27, 0.5],
      [28, 0.5],
      [29, 1],
      [30, 2],
    ],
    [
      [1, 2],
      [0, 4],
      [22, 1],
      [24, 1],
      [30, 3],
    ],
  ]);
});

const [width, rng] = [4, [0.5, -1, 2, 0.25, 3, -0.5, 1]];
const open = (rows: number) =>
  createEmbeddingTable({
    ...{ memories: tableMemories(async () => kernels), rows, width, optimizer: { use: "sgd" } },
    init: givenRows(Float32Array.from({ length: rows * width }, (_, i) => rng[i % rng.length]! + i / 10)),
  });

test("the table of things gathers those sums, and gradients go back by the same weights", async () => {
  const table = await open(described.rows);
  const before = table.table();
  const of = describedTable(kernels, table, described);
  const ids = BigInt64Array.of(2n, 0n, 2n);
  const got = new Float32Array(3 * width);
  await of.gather(ids, got);
  const wanted = new Float32Array(3 * width);
  const moved = before.slice();
  const gradient = Float32Array.from(got.keys(), (i) => i - 5);
  for (const [t, id] of [2, 0, 2].entries()) {
    for (const [index, weight] of entries(described)[id]! as [number, number][]) {
      for (let x = 0; x < width; x++) {
        wanted[t * width + x]! += weight * before[index * width + x]!;
        moved[index * width + x]! -= weight * gradient[t * width + x]!;
      }
    }
  }
  for (const [at, x] of wanted.entries()) expect(got[at]).toBeCloseTo(x, 3);
  await of.accumulate(ids, gradient);
  await of.apply({ learningRate: 1, step: 1 });
  for (const [at, x] of moved.entries()) expect(of.table()[at]).toBeCloseTo(x, 3);
  table.free();
});

test("a mistake says whose columns they are", () => {
  expect(() => describeRows(columns, undefined, met, "itemColumns")).toThrow(
    "itemColumns: the data says nothing of them; give the dataset their features.",
  );
  expect(() => describeRows([{ kind: "number", column: "age" }], things, met, "itemColumns")).toThrow(
    'itemColumns: column "age": the table has no column "age"; it has country, year, tags, place.',
  );
});
