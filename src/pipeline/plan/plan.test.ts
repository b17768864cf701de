import { afterAll, expect, test } from "vitest";
import { checkerboard } from "../../../test/boards.ts";
import { runtime } from "../../../test/runtime.ts";
import { createRng } from "../../base/rng.ts";
import { parseOptions } from "../../kinds/options.ts";
import { openKernels } from "../../node/threads.ts";
import { renderPlan } from "../../report/plan.ts";
import { f32Table } from "../../tables/table.ts";
import type { Parts } from "../divide.ts";
import { registry } from "../registry.ts";
import { noStore } from "../stage.ts";
import type { Surroundings } from "../surroundings.ts";
import type { Teacher } from "../teachers/teacher.ts";
import { planDistillation } from "./plan.ts";

const kernels = await openKernels(1);
afterAll(() => kernels.close());

const n = 30;
const train = checkerboard(n);
const ids = Array.from({ length: n }, (_, i) => `${i}`);
const parts: Parts = { userIds: ids, itemIds: ids, train, validation: train, test: train, hash: "board" };
const progress = { start: () => ({ step: () => {}, end: () => {} }) };
let now = 0;
const around = { kernels, runtime, store: noStore, progress, clock: () => ++now } as unknown as Surroundings;

const rng = createRng(1);
const table = () =>
  f32Table(
    n,
    8,
    Float32Array.from({ length: n * 8 }, () => rng.normal()),
  );
const named = { name: "teacher", role: "teacher" as const, method: "some", key: "key" };
const factors: Teacher = {
  ...named,
  recommender: { query: "user", pool: "sum", items: n, tables: { user: table(), item: table() } },
};
const square = f32Table(
  n,
  n,
  Float32Array.from({ length: n * n }, () => rng.normal()),
);
const neighbours: Teacher = {
  ...named,
  recommender: { query: "history", pool: "sum", items: n, tables: { history: square } },
};
const lists = (scored: boolean): Teacher => ({
  ...{ ...named, scored, leftOut: [] },
  lists: { n: 3, items: Int32Array.from({ length: 3 * n }, (_, i) => i % 3), scores: new Float32Array(3 * n).fill(1) },
});
const planned = (teacher: Teacher, use: string) => planDistillation(teacher, parts, { use }, around);
const reason = async (teacher: Teacher, use: string, loss: string) =>
  (await planned(teacher, use)).losses.find((one) => one.loss === loss);

test("a factor model teaches by everything but logits, each loss timed against an epoch without it", async () => {
  const plan = await planned(factors, "mf");
  const unfit = plan.losses.filter(({ fits }) => !fits);
  expect(unfit.map(({ loss }) => loss).sort()).toEqual(["bced", "clid", "logit-mse"]);
  for (const { fits, epoch } of plan.losses) expect(epoch?.ratio).toBe(fits ? 1 : undefined);
  expect(plan).toMatchObject({ base: 1, timed: n, data: { users: n, items: n }, teacher: { bytes: 2 * n * 8 * 4 } });
});

test.each([
  ["a model without vectors", neighbours, "ftd", "compares vectors, and the teacher scores items without vectors"],
  ["lists", lists(true), "ftd", "compares vectors, and the teacher has lists and no model"],
  ["lists without scores", lists(false), "soft-label", "compares scores, and the teacher gives only an order"],
])("%s cannot teach by what it lacks", async (_name, teacher, loss, why) => {
  expect(await reason(teacher, "mf", loss)).toEqual({ loss, fits: false, why });
});

test("a student that knows no embeddings is told who does, one that cannot learn is refused", async () => {
  expect((await reason(factors, "inductive", "ftd"))?.why).toBe(
    "compares embeddings, by which inductive cannot learn; mf can",
  );
  await expect(planned(factors, "ease")).rejects.toThrow("ease cannot learn from a teacher; use one of");
});

test.each([
  ["factors for mf", factors, "mf"],
  ["factors for inductive", factors, "inductive"],
  ["no vectors", neighbours, "mf"],
  ["scores", lists(true), "mf"],
  ["an order", lists(false), "bpr-mf"],
])("the mix for %s can be run as it is printed, by losses that fit", async (_name, teacher, use) => {
  const plan = await planned(teacher, use);
  const {
    use: model,
    distill,
    ...options
  } = plan.mix.student as {
    use: string;
    distill: { terms: { use: string; weight?: number }[] };
  };
  expect(model).toBe(use);
  parseOptions(registry.find("model", model, "mix").options, options, "mix");
  for (const { use: loss, weight: _, ...own } of distill.terms) {
    parseOptions(registry.find("loss", loss, "mix").options, own, "mix");
    expect(plan.losses.find((one) => one.loss === loss)?.fits).toBe(true);
  }
  const text = renderPlan(plan, JSON.stringify);
  expect(text).toContain(`Begin with this: ${plan.mix.reason}`);
  expect(text).not.toMatch(/NaN|undefined/);
});
