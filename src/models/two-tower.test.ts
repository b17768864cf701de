import { afterAll, expect, test } from "vitest";
import { checkerboard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { rowOf } from "../data/interactions.ts";
import { wordsOf } from "../data/raw-table.ts";
import { openKernels } from "../node/threads.ts";
import { recommendAll } from "../recommender/recommend-all.ts";
import { openScorer } from "../recommender/scorer.ts";
import { decodeTable } from "../tables/decode.ts";
import twoTower from "./two-tower.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());

const board = checkerboard(20);
const tiny = { d: 4, embedding: 8, hidden: [8], epochs: 4, every: 1, batch: 64, learningRate: 0.02 };
const fitted = (given: object, more: object = {}, data = board) =>
  twoTower.fit(data, twoTower.options.parse({ ...tiny, ...given }), {
    ...{ kernels, runtime, rng: createRng(1), progress: () => {} },
    ...more,
  });
const lengths = (table: Float32Array, d: number) =>
  Array.from({ length: table.length / d }, (_, r) => Math.hypot(...table.subarray(r * d, (r + 1) * d)));

test("cosine towers give vectors of length 1, by id as by history", async () => {
  const { tables } = await fitted({ user: "id" });
  for (const table of [tables.user!, tables.item!]) {
    for (const length of lengths(decodeTable(table), 4)) expect(length).toBeCloseTo(1, 5);
  }
  const byHistory = await fitted({});
  expect(byHistory.tables.user).toBeUndefined();
  const scorer = openScorer(kernels, byHistory);
  for (const history of [[], [3], [1, 2, 3]]) {
    const scores = scorer.score({ history: Int32Array.from(history) });
    for (const score of scores) expect(Math.abs(score)).toBeLessThanOrEqual(1 + 1e-5);
  }
  scorer.free();
});

test("a history pools whatever its order", async () => {
  const scorer = openScorer(kernels, await fitted({}));
  const there = scorer.score({ history: Int32Array.of(1, 7, 5) }).slice();
  const back = scorer.score({ history: Int32Array.of(5, 7, 1) });
  for (const [j, score] of there.entries()) expect(back[j]).toBeCloseTo(score, 5);
  scorer.free();
});

const words = (values: readonly string[]) => ({ n: values.length, columns: new Map([["kind", wordsOf(values)]]) });
const kind = [{ kind: "category", column: "kind" }];
const parity = words(Array.from({ length: 20 }, (_, i) => (i % 2 ? "odd" : "even")));

test("an item that nobody took stands where its features put it, by history as by id", async () => {
  // Items 18 and 19 are in no history; users take what has their own parity.
  const kept = Array.from(board.indices.keys()).filter((e) => board.indices[e]! < 18);
  const indptr = board.indptr.map((end) => kept.filter((e) => e < end).length);
  const cold = { ...board, indptr, indices: Int32Array.from(kept, (e) => board.indices[e]!) };
  for (const user of ["history", "id"]) {
    const model = await fitted({ user, itemColumns: kind, epochs: 12 }, { features: { itemFeatures: parity } }, cold);
    const scorer = openScorer(kernels, model);
    for (let u = 0; u < 20; u++) {
      const query = user === "id" ? { user: u } : { history: rowOf(cold, u) };
      const scores = scorer.score(query);
      expect(scores[18]! > scores[19]!).toBe(u % 2 === 0);
    }
    scorer.free();
  }
});

test("a user of whom nothing but features is known is answered by them", async () => {
  // Users 18 and 19 took nothing; the others what has their own parity.
  const until = board.indptr[18]!;
  const newcomers = {
    ...board,
    indptr: board.indptr.map((end) => Math.min(end, until)),
    indices: board.indices.slice(0, until),
  };
  for (const user of ["history", "id"]) {
    const model = await fitted(
      { user, userColumns: kind, epochs: 12 },
      { features: { userFeatures: parity } },
      newcomers,
    );
    expect([model.query, model.tables.user?.rows, model.tables.history]).toEqual(["user", 20, undefined]);
    const scorer = openScorer(kernels, model);
    for (const u of [18, 19]) {
      const best = scorer.recommend({ user: u }, 5, new Int32Array(0)).items;
      expect([...best].map((item) => item % 2)).toEqual([u, u, u, u, u].map((n) => n % 2));
    }
    scorer.free();
  }
});

test("columns without features, and a column that is not there, are one sentence", async () => {
  await expect(fitted({ itemColumns: kind })).rejects.toThrow(
    "itemColumns: the data says nothing of them; give the dataset their features.",
  );
  await expect(
    fitted({ userColumns: [{ kind: "tags", column: "age" }] }, { features: { userFeatures: parity } }),
  ).rejects.toThrow('userColumns: column "age": the table has no column "age"; it has kind.');
});

test("ccl wants cosines", () => {
  const { error } = twoTower.options.safeParse({ loss: "ccl", cosine: false });
  expect(error?.issues[0]).toMatchObject({ path: ["cosine"], message: "must be true for ccl" });
});

test("stops once the validation part has not been ranked better for `patience` epochs, and keeps the best", async () => {
  // What is held out is what the board says is next.
  const validation = {
    ...board,
    indptr: Int32Array.from(board.indptr.keys()),
    indices: Int32Array.from({ length: 20 }, (_, u) => u),
  };
  const notes: [number, string][] = [];
  const progress = (done: number, _total: number, note = "") => notes.push([done, note]);
  const recommender = await fitted({ epochs: 200, patience: 2 }, { validation, progress });
  expect(notes.at(-1)![0]).toBeLessThan(200);
  const reached = notes.map(([, note]) => Number(/NDCG@10 ([\d.]+)/.exec(note)?.[1]));
  const users = Int32Array.from({ length: 20 }, (_, u) => u);
  const { items } = await recommendAll(kernels, recommender, { users, histories: board, exclude: board, k: 10 });
  let total = 0;
  for (const u of users) {
    const rank = [...items.subarray(u * 10, (u + 1) * 10)].indexOf(u);
    if (rank >= 0) total += 1 / Math.log2(rank + 2);
  }
  expect(total / 20).toBeCloseTo(Math.max(...reached), 3);
});
