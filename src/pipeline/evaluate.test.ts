import { expect, test } from "vitest";
import { openSharedKernels } from "../kernels/open-shared.ts";
import coverage from "../metrics/coverage.ts";
import ndcg from "../metrics/ndcg.ts";
import recall from "../metrics/recall.ts";
import { f32Table } from "../tables/table.ts";
import { bandOf, evaluate } from "./evaluate.ts";

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

test("ranks all items but those seen, and averages over users with something to find", async () => {
  const kernels = await openSharedKernels();
  const train = matrix([[0], [1, 2], [0]], 5);
  const truth = matrix([[1, 4], [0], []], 5);
  const { metrics, standardError, users, lists } = await evaluate(
    kernels,
    popularity,
    { train, seen: train, truth },
    { ks: [1, 2], metrics: [recall, ndcg, coverage] },
  );
  expect([...users]).toEqual([0, 1]);
  // user 0 is shown 1, 2 (0 is seen); user 1 is shown 0, 3
  expect([...lists.items]).toEqual([1, 2, 0, 3]);
  expect(metrics["recall@1"]).toBeCloseTo((0.5 + 1) / 2, 12);
  expect(metrics["ndcg@2"]).toBeCloseTo((1 / (1 + 1 / Math.log2(3)) + 1) / 2, 12);
  expect(metrics["coverage@2"]).toBe(4 / 5);
  expect(standardError["recall@1"]).toBeCloseTo(0.25, 12);
});

test("refuses a part without anything to predict", async () => {
  const kernels = await openSharedKernels();
  const train = matrix([[0]], 5);
  const run = evaluate(
    kernels,
    popularity,
    { train, seen: train, truth: matrix([[]], 5) },
    { ks: [1], metrics: [recall] },
  );
  await expect(run).rejects.toThrow("no user has an item to predict");
});

test("bands cut the interactions, not the catalogue, in thirds", () => {
  const train = matrix([[0, 1, 2], [0, 1], [0]], 4);
  expect([...bandOf(train)]).toEqual([0, 1, 2, 2]);
});
