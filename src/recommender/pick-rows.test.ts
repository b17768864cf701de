import { expect, test } from "vitest";
import { openKernels } from "../node/threads.ts";
import { f32Table } from "../tables/table.ts";
import { canPickRows, pickRows } from "./pick-rows.ts";
import type { Recommender } from "./recommender.ts";
import { openScorer } from "./scorer.ts";

const table = (rows: number, cols: number, seed: number) =>
  f32Table(
    rows,
    cols,
    Float32Array.from({ length: rows * cols }, (_, i) => Math.sin(seed + i * 1.7)),
  );
const items = Int32Array.of(5, 0, 3);
const users = Int32Array.of(2, 1);

const byUser: Recommender = {
  ...{ query: "user", pool: "sum", items: 7 },
  tables: { user: table(4, 3, 1), item: table(7, 3, 2), gain: table(1, 7, 3), bias: table(1, 7, 4) },
};
const byHistory: Recommender = {
  ...{ query: "history", pool: "mean", items: 7 },
  tables: { history: table(7, 3, 5), item: table(7, 3, 6) },
};

test("scores of the picked rows are those from before, to the bit", async () => {
  const kernels = await openKernels(1);
  for (const recommender of [byUser, byHistory]) {
    const [before, after] = [
      openScorer(kernels, recommender),
      openScorer(kernels, pickRows(recommender, items, users)),
    ];
    for (const at of [0, 1]) {
      const user = recommender.query === "user";
      const old = [...before.score(user ? { user: users[at]! } : { history: items.slice(0, at + 1) })];
      const now = after.score(user ? { user: at } : { history: Int32Array.of(0, 1).slice(0, at + 1) });
      expect([...now]).toEqual([...items].map((item) => old[item]));
    }
    for (const scorer of [before, after]) scorer.free();
  }
});

test("compressed tables and tables without item vectors are not picked from", () => {
  expect(canPickRows(byUser)).toBe(true);
  expect(canPickRows({ ...byUser, tables: { bias: table(1, 7, 1) } })).toBe(false);
  const encoded = { ...table(7, 3, 1), encoding: "int8-row" };
  expect(canPickRows({ ...byUser, tables: { ...byUser.tables, item: encoded } })).toBe(false);
});
