import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { runtime } from "../../test/runtime.ts";
import { createRng } from "../base/rng.ts";
import { rowOf } from "../data/interactions.ts";
import type { Guidance } from "../kinds/guidance.ts";
import { openKernels } from "../node/threads.ts";
import { openScorer } from "../recommender/scorer.ts";
import { tableBytes } from "../tables/table.ts";
import ease from "./ease.ts";
import ials from "./ials.ts";
import inductive from "./inductive.ts";

const train = randomBoard(3);
const context = async () => ({ kernels: await openKernels(1), runtime, rng: createRng(1), progress() {} });
const guidedBy = (teacher: Guidance["teacher"]): Guidance => ({
  ...{ teacher, alpha: 1, terms: [] },
  lists: { n: 1, items: new Int32Array(train.users).fill(-1), scores: new Float32Array(train.users) },
});

test("before any epoch, with as many dimensions as items, it ranks as its teacher EASE does", async () => {
  const around = await context();
  const teacher = await ease.fit(train, ease.options.parse({ lambda: 5 }), around);
  const options = inductive.options.parse({ d: train.items, epochs: 0, pool: "sum" });
  const student = await inductive.fit(train, options, { ...around, guidance: guidedBy(teacher) });
  const [theirs, ours] = [openScorer(around.kernels, teacher), openScorer(around.kernels, student)];
  for (let user = 0; user < train.users; user++) {
    const history = rowOf(train, user);
    if (history.length === 0) continue;
    const scores = theirs.score({ history }).slice();
    const copied = ours.score({ history }).slice();
    // One factor between the two is free: it changes no rank.
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, j) => sum + x * b[j]!, 0);
    const cosine = dot(scores, copied) / Math.sqrt(dot(scores, scores) * dot(copied, copied));
    expect(cosine).toBeGreaterThan(0.999);
  }
});

test("a factor teacher's users are regressed on their histories", async () => {
  const around = await context();
  const teacher = await ials.fit(train, ials.options.parse({ d: 4 }), around);
  const options = inductive.options.parse({ d: 4, epochs: 0 });
  const student = await inductive.fit(train, options, { ...around, guidance: guidedBy(teacher) });
  const [theirs, ours] = [openScorer(around.kernels, teacher), openScorer(around.kernels, student)];
  let agreed = 0;
  let asked = 0;
  for (let user = 0; user < train.users; user++) {
    const history = rowOf(train, user);
    if (history.length === 0) continue;
    const top = theirs.recommend({ user }, 3, history).items;
    agreed += ours.recommend({ history }, 3, history).items.filter((item) => top.includes(item)).length;
    asked += top.length;
  }
  // A random three of about thirteen would share a quarter.
  expect(agreed / asked).toBeGreaterThan(0.5);
});

test("tied, it ships one item table and a gain, about half the bytes", async () => {
  const fitted = async (tied: boolean) =>
    inductive.fit(train, inductive.options.parse({ d: 8, epochs: 1, tied }), await context());
  const [one, two] = [await fitted(true), await fitted(false)];
  expect(Object.keys(one.tables)).toEqual(["item", "gain"]);
  const bytes = ({ tables }: typeof one) => Object.values(tables).reduce((sum, table) => sum + tableBytes(table), 0);
  expect(bytes(one)).toBeLessThan(0.6 * bytes(two));
});
