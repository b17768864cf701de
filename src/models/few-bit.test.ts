import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { rowOf } from "../data/interactions.ts";
import softLabel from "../losses/soft-label.ts";
import { openKernels } from "../node/threads.ts";
import { recommendAll } from "../recommender/recommend-all.ts";
import { openScorer } from "../recommender/scorer.ts";
import { tableBytes } from "../tables/table.ts";
import ease from "./ease.ts";
import fewBit from "./few-bit.ts";

const train = randomBoard(3);
const around = { kernels: await openKernels(1), runtime, rng: createRng(1), progress() {} };
const student = (given: object, more: object = {}) =>
  fewBit.fit(train, fewBit.options.parse(given), { ...around, ...more });

test("it ships one table of items, its bytes as its options say", async () => {
  const { query, tables } = await student({ d: 16, epochs: 1 });
  expect(query).toBe("history");
  expect(Object.keys(tables)).toEqual(["item"]);
  // 16 bits and a byte a row; two float16 levels and the range of the scales.
  expect(tableBytes(tables.item!)).toBe(train.items * 3 + 4 + 8);
});

test("by a teacher alone it comes nearer to the teacher's lists than its start is", async () => {
  const teacher = await ease.fit(train, ease.options.parse({ lambda: 5 }), around);
  const users = Int32Array.from({ length: train.users }, (_, u) => u);
  const request = { users, histories: train, exclude: train, k: 5, progress() {} };
  const { items, scores } = await recommendAll(around.kernels, teacher, request);
  const terms = [{ loss: softLabel, options: softLabel.options.parse({ listed: 5, unlisted: 5 }), weight: 1 }];
  const guidance = { teacher, alpha: 1, lists: { n: 5, items, scores }, terms };
  const agreement = async (epochs: number) => {
    const fitted = await student({ d: 64, epochs, batch: 5, learningRate: 0.05 }, { guidance });
    const scorer = openScorer(around.kernels, fitted);
    let shared = 0;
    for (let user = 0; user < train.users; user++) {
      const history = rowOf(train, user);
      if (history.length === 0) continue;
      const top = scorer.recommend({ history }, 3, history).items;
      shared += top.filter((item) => items.subarray(user * 5, user * 5 + 3).includes(item)).length;
    }
    return shared;
  };
  expect(await agreement(30)).toBeGreaterThan((await agreement(0)) * 1.1);
});
