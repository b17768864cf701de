import { afterAll, beforeAll, expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { createRng } from "../base/rng.ts";
import { rowOf, transpose } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { openKernels } from "../node/threads.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table } from "../tables/table.ts";
import { teacherUsers, turnedLists } from "./teacher-users.ts";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await openKernels(1);
});
afterAll(() => kernels.close());

test("lists are turned round: who lists an item, the highest score of it first", () => {
  const lists = { n: 2, items: Int32Array.of(0, 1, 1, 0, 1, -1), scores: Float32Array.of(5, 2, 4, 3, 2, 0) };
  const { items, scores } = turnedLists(lists, 3, 2);
  expect([...items]).toEqual([0, 1, 1, 0, -1, -1]);
  expect([...scores]).toEqual([5, 3, 4, 2, 0, 0]);
});

test("a model with vectors ranks all users of an item who did not take it", async () => {
  const train = randomBoard(1);
  const rng = createRng(2);
  const table = (rows: number) =>
    f32Table(
      rows,
      3,
      Float32Array.from({ length: rows * 3 }, () => rng.normal()),
    );
  const tables = { user: table(train.users), item: table(train.items) };
  const recommender: Recommender = { query: "user", pool: "sum", items: train.items, tables };
  const teacher = { name: "teacher", role: "teacher", method: "mf", key: "k", recommender } as const;
  const silent = { step() {}, end() {} };
  const around = {
    ...{ kernels, store: { read: async () => undefined, write: async () => {}, drop: async () => {} } },
    progress: { start: () => silent, stop() {} },
  };
  const none = { key: "l", value: { n: 1, items: new Int32Array(0), scores: new Float32Array(0) } };
  const { value } = await teacherUsers(teacher, none, { train, hash: "h" } as never, 4, around as never);
  const score = (user: number, item: number) => {
    const [u, i] = [tables.user.tensors.data as Float32Array, tables.item.tensors.data as Float32Array];
    return [0, 1, 2].reduce((sum, x) => sum + u[user * 3 + x]! * i[item * 3 + x]!, 0);
  };
  const byItem = transpose(train);
  for (let item = 0; item < train.items; item++) {
    const able = [...Array(train.users).keys()].filter((user) => !rowOf(byItem, item).includes(user));
    able.sort((a, b) => score(b, item) - score(a, item));
    expect([...value.items.subarray(item * 4, item * 4 + 4)]).toEqual(able.slice(0, 4));
  }
});
