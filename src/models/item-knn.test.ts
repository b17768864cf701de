import { expect, test } from "vitest";
import { fromRows } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { decodeTable } from "../tables/decode.ts";
import itemKnn from "./item-knn.ts";

const similarities = async (rows: number[][], items: number, options: object) => {
  const kernels = await openKernels(1);
  const { tables } = await itemKnn.fit(fromRows(rows, items), itemKnn.options.parse(options), {
    kernels,
    runtime,
    rng: createRng(1),
    progress() {},
  });
  const dense = decodeTable(tables.history!);
  return Array.from({ length: items }, (_, i) => [...dense.slice(i * items, (i + 1) * items)]);
};

test("is the shrunk cosine, without an item's own", async () => {
  // Items 0 and 1 share two users of three each: 2 / (3 + 1).
  const S = await similarities([[0, 1], [0, 1], [0], [1, 2]], 3, { shrink: 1 });
  expect(S[0]![1]).toBeCloseTo(2 / (Math.sqrt(9) + 1), 6);
  expect(S[1]![2]).toBeCloseTo(1 / (Math.sqrt(3) + 1), 6);
  expect([S[0]![0], S[1]![1], S[0]![2]]).toEqual([0, 0, 0]);
});

test("keeps the nearest neighbours only; equal ones by index", async () => {
  const S = await similarities(
    [
      [0, 1, 2, 3],
      [0, 1],
      [2, 3],
    ],
    4,
    { neighbours: 1, shrink: 0 },
  );
  expect(S[0]).toEqual([0, expect.closeTo(1), 0, 0]);
  const tied = await similarities([[0, 1, 2]], 3, { neighbours: 1, shrink: 0 });
  expect(tied.map((row) => row.findIndex((s) => s > 0))).toEqual([1, 0, 0]);
});

test("BM25 lets an item that a short history holds count more", async () => {
  // Items 1 and 2 both share one user with 0; the user of 2 took little else.
  const rows = [[0, 1, 3, 4, 5, 6], [0, 2], [1], [2], [7], [8], [9]];
  const S = await similarities(rows, 10, { weighting: "bm25", shrink: 0 });
  expect(S[0]![2]).toBeGreaterThan(S[0]![1]!);
});

test("a user of many items says little of each by userPower", async () => {
  const S = await similarities(
    [
      [0, 1, 2, 3],
      [0, 4],
    ],
    5,
    { userPower: 0.5, shrink: 0 },
  );
  // |w_0|² = 1/4 + 1/2; w_0·w_1 = 1/4 = |w_1|², w_0·w_4 = 1/2 = |w_4|².
  expect(S[0]![1]).toBeCloseTo(0.25 / Math.sqrt(0.75 * 0.25), 6);
  expect(S[0]![4]).toBeCloseTo(0.5 / Math.sqrt(0.75 * 0.5), 6);
});

test("asymmetry moves the norm to the history's item, symmetric where it is a half", async () => {
  const rows = [[0, 1], [0, 1], [0], [0, 2], [1, 2]];
  const S = await similarities(rows, 3, { asymmetry: 1, shrink: 0 });
  expect([S[0]![1], S[1]![0]]).toEqual([expect.closeTo(2 / 4), expect.closeTo(2 / 3)]);
  const even = await similarities(rows, 3, { shrink: 0 });
  expect(even[0]![1]).toBe(even[1]![0]);
});

test("as many neighbours as there are fit", async () => {
  const rows = Array.from({ length: 3 }, () => Array.from({ length: 320 }, (_, j) => j));
  const S = await similarities(rows, 320, { neighbours: 10_000 });
  expect(S.every((row, i) => row.every((s, j) => s > 0 === (i !== j)))).toBe(true);
});
