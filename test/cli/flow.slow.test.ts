// A run again, the demo, the commands that are parts of a run, and the plan before one, through the built program.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Results } from "../../src/report/results.ts";
import { distilrec, json, scratch, tinyRecipe } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
const run = join(folder, "run");
const recipe = tinyRecipe(folder);

let results: Results;
beforeAll(async () => {
  results = await json<Results>("run", recipe, "--out", run);
});

test("run prints the results that it writes, and a run again keeps what it has", async () => {
  expect(JSON.parse(readFileSync(join(run, "results.json"), "utf8"))).toEqual(results);
  const { code, err } = await distilrec("run", recipe, "--out", run);
  expect(code, err).toBe(0);
  expect(err).toMatch(/student small +kept from before/);
});

test("demo runs the bundled recipe and says what to try", async () => {
  const small = ["dataset.users=150", "dataset.items=120", "dataset.clicks=5000", "students.0.epochs=1"];
  const { code, out, err } = await distilrec(
    "demo",
    "--out",
    join(folder, "demo"),
    ...small.flatMap((set) => ["--set", set]),
  );
  expect(code, err).toBe(0);
  for (const command of ["inspect", "recommend", "serve"]) expect(out).toContain(`distilrec ${command} `);
});

test("train, distill, compress and evaluate are the same flow, narrower", async () => {
  const world = ["dataset.users=150", "dataset.items=120", "dataset.clicks=5000"].flatMap((set) => ["--set", set]);
  const trained = await json<Results>("train", "--model", "ease", ...world, "--out", join(folder, "trained"));
  expect(trained.variants.map(({ name, metrics }) => [name, metrics])).toEqual([
    ["teacher", results.variants[0]!.metrics],
  ]);
  const teacher = join(folder, "trained", "artifacts", "teacher");
  const settings = ["students.student.d=8", "students.student.epochs=1"].flatMap((set) => ["--set", set]);
  const distilled = await json<Results>("distill", teacher, ...settings, "--out", join(folder, "distilled"));
  expect(distilled.variants.map(({ name }) => name)).toEqual(["teacher", "student"]);
  expect(distilled.variants[0]!.metrics).toEqual(trained.variants[0]!.metrics);
  const student = join(folder, "distilled", "artifacts", "student");
  const compressed = await json<Results>(
    "compress",
    student,
    "--pass",
    "int4-row",
    "--out",
    join(folder, "compressed"),
  );
  expect(compressed.variants[1]!.cost.bytes.raw).toBeLessThan(compressed.variants[0]!.cost.bytes.raw);
  const found = await json<{ metrics: Record<string, number> }>("evaluate", student);
  expect(found.metrics).toEqual(distilled.variants[1]!.metrics);
});

test("distill --plan trains nothing and says what fits, for an artifact and for a recipe's teacher", async () => {
  const { code, out, err } = await distilrec("distill", join(run, "artifacts", "teacher"), "--plan");
  expect(code, err).toBe(0);
  expect(out).toMatch(/^Teacher: ease, .*Student: inductive\./);
  expect(out).toMatch(/does not fit +for it/);
  expect(out).toMatch(/Begin with this: .*\n\n- name: small\n {2}use: inductive\n/);
  expect(await json("distill", recipe, "--plan", "--set", "students.student.d=8")).toMatchObject({
    student: "inductive",
  });
  const refused = await distilrec("distill", recipe, "--plan", "--model", "ease");
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining("ease cannot learn from a teacher")]);
});
