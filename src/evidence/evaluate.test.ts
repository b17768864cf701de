import { expect, test } from "vitest";
import { openSharedKernels } from "../kernels/open-shared.ts";
import auc from "../metrics/auc.ts";
import coverage from "../metrics/coverage.ts";
import ndcg from "../metrics/ndcg.ts";
import recall from "../metrics/recall.ts";
import { f32Table } from "../tables/table.ts";
import { catalogueOf } from "./catalogue.ts";
import { evaluate, userValues } from "./evaluate.ts";
import { rankAll } from "./lists.ts";
import { coldUsers, popularityBands } from "./slices.ts";

const matrix = (rows: number[][], items: number) => ({
  users: rows.length,
  items,
  indptr: Int32Array.from([0, ...rows.map((_, u) => rows.slice(0, u + 1).flat().length)]),
  indices: Int32Array.from(rows.flat()),
  values: new Float32Array(rows.flat().length).fill(1),
});

const popularity = {
  query: "none",
  pool: "sum",
  items: 5,
  tables: { bias: f32Table(1, 5, Float32Array.from([5, 4, 3, 2, 1])) },
} as const;

const judging = async (train: number[][], truth: number[][], k: number) => {
  const [given, wanted] = [matrix(train, 5), matrix(truth, 5)];
  const judgement = { train: given, seen: given, truth: wanted };
  return { judgement, lists: await rankAll(await openSharedKernels(), popularity, judgement, k) };
};

test("ranks all items but those seen, and averages over users with something to find", async () => {
  const { judgement, lists } = await judging([[0], [1, 2], [0]], [[1, 4], [0], []], 2);
  const catalogue = catalogueOf(judgement.train);
  const { metrics, standardError } = evaluate(lists, judgement, catalogue, {
    ...{ ks: [1, 2], metrics: [recall, ndcg, coverage], slices: [] },
  });
  expect([...lists.users]).toEqual([0, 1]);
  // user 0 is shown 1, 2 (0 is seen); user 1 is shown 0, 3
  expect([...lists.items]).toEqual([1, 2, 0, 3]);
  expect(metrics["recall@1"]).toBeCloseTo((0.5 + 1) / 2, 12);
  expect(metrics["ndcg@2"]).toBeCloseTo((1 / (1 + 1 / Math.log2(3)) + 1) / 2, 12);
  expect(metrics["coverage@2"]).toBe(4 / 5);
  expect(standardError["recall@1"]).toBeCloseTo(0.25, 12);
});

test("a slice of items looks for its own among all, a slice of users averages over them", async () => {
  const { judgement, lists } = await judging([[0], [1, 2], [0]], [[1, 4], [0], [3]], 2);
  const catalogue = catalogueOf(judgement.train);
  const slices = [
    { name: "rare", of: "items", member: Uint8Array.of(0, 0, 0, 1, 1) } as const,
    coldUsers(judgement.train, 1),
    { name: "nobody", of: "users", member: new Uint8Array(3) } as const,
  ];
  const found = evaluate(lists, judgement, catalogue, { ks: [2], metrics: [recall, coverage], slices });
  // rare: user 0 wants 4 and user 2 wants 3, neither is in 1, 2; cold: users 0 (1 of 2) and 2 (0 of 1)
  expect(found.slices).toEqual([
    { name: "rare", of: "items", users: 2, metrics: { "recall@2": 0 }, standardError: { "recall@2": 0 } },
    { name: "cold", of: "users", users: 2, metrics: { "recall@2": 0.25 }, standardError: { "recall@2": 0.25 } },
  ]);
});

test("a metric of the whole ranking has one figure, also of a slice of items; what was seen before comes last", async () => {
  const { judgement } = await judging(
    [[0], [1]],
    [
      [1, 4],
      [0, 1],
    ],
    2,
  );
  const lists = await rankAll(await openSharedKernels(), popularity, judgement, 2, { places: true });
  // user 0: item 1 before and item 4 after both of 2, 3; user 1 has taken 1, and item 0 comes before 2, 3, 4
  expect(lists.places).toEqual([
    { above: Int32Array.of(0, 2), tied: Int32Array.of(0, 0), others: 2 },
    { above: Int32Array.of(0, 3), tied: Int32Array.of(0, 0), others: 3 },
  ]);
  const slices = [{ name: "rare", of: "items", member: Uint8Array.of(0, 0, 0, 1, 1) } as const];
  const found = evaluate(lists, judgement, catalogueOf(judgement.train), { ks: [1, 2], metrics: [auc], slices });
  expect(found.metrics).toEqual({ auc: 0.5 });
  expect(found.slices.map(({ metrics }) => metrics)).toEqual([{ auc: 0 }]);
});

test("refuses a part without anything to predict", async () => {
  await expect(judging([[0]], [[]], 1)).rejects.toThrow("no user has an item to predict");
});

test("bands cut the interactions, not the catalogue, in thirds", () => {
  const bands = popularityBands(catalogueOf(matrix([[0, 1, 2], [0, 1], [0]], 4)));
  expect(bands.map(({ name, member }) => [name, [...member]])).toEqual([
    ["head", [1, 0, 0, 0]],
    ["mid", [0, 1, 0, 0]],
    ["tail", [0, 0, 1, 1]],
  ]);
});

test("the error of a difference is that of the users' differences", async () => {
  const { judgement, lists } = await judging([[0], [1, 2], [0]], [[1, 4], [0], [3]], 2);
  const catalogue = catalogueOf(judgement.train);
  const options = { ks: [2], metrics: [recall, coverage], slices: [coldUsers(judgement.train, 1)] };
  const other = { ...lists, items: Int32Array.of(1, 4, 0, 3, 1, 2) };
  const found = evaluate(other, judgement, catalogue, options, userValues(lists, judgement, catalogue, options));
  // recall of the three users: 1, 1, 0 after ½, 1, 0; the differences ½, 0, 0 have deviation √(1/12)
  expect(found.pairedError!["recall@2"]).toBeCloseTo(Math.sqrt(1 / 12 / 3), 12);
  expect(found.slices[0]!.pairedError!["recall@2"]).toBeCloseTo(0.25, 12);
  expect(found.pairedError!["coverage@2"]).toBeUndefined();
});
