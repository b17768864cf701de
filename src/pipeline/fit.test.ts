import { afterAll, expect, test } from "vitest";
import { checkerboard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { wordsOf } from "../data/raw-table.ts";
import { openKernels } from "../node/threads.ts";
import type { Parts } from "./divide.ts";
import { fitModel } from "./fit.ts";
import { noStore } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());

const n = 20;
const board = checkerboard(n);
const ids = Array.from({ length: n }, (_, i) => `${i}`);
const parts: Parts = { userIds: ids, itemIds: ids, train: board, validation: board, test: board, hash: "board" };
const about = (of: (i: number) => string) => ({ n, columns: new Map([["kind", wordsOf(ids.map((_, i) => of(i)))]]) });
const progress = { start: () => ({ step: () => {}, end: () => {} }) };
const around = { kernels, runtime, store: noStore, progress } as unknown as Surroundings;
const keyOf = async (step: { use: string }, given: Parts) =>
  (await fitModel(step, given, 1, undefined, "teacher", around)).key;

test("what is known of users and items reaches a model that reads it, and is part of what it is kept by", async () => {
  const kind = [{ kind: "category" as const, column: "kind" }];
  const step = { use: "two-tower", d: 4, embedding: 4, hidden: [], epochs: 1, every: 1, batch: 512, user: "history" };
  const defaults = { loss: "softmax", cosine: true, temperature: 0.1, length: 10, patience: 1, learningRate: 0.01 };
  const reads = { ...step, ...defaults, itemColumns: kind, userColumns: [] };
  const odd = { ...parts, itemFeatures: about((i) => `${i % 2}`) };
  const keys = await Promise.all([
    keyOf(reads, odd),
    keyOf(reads, { ...parts, itemFeatures: about((i) => `${i % 3}`) }),
    keyOf(reads, { ...odd, userFeatures: odd.itemFeatures }),
  ]);
  expect(new Set(keys).size).toBe(3);
  await expect(keyOf(reads, parts)).rejects.toThrow("itemColumns: the data says nothing of them");
  expect(await keyOf({ use: "popularity" }, odd)).toBe(await keyOf({ use: "popularity" }, parts));
});
