// A click run by the built program: run, report, inspect, score, and what refuses such a recipe.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clickRecipe, writeClicks } from "../clicks/click-table.ts";
import { distilrec, scratch } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
writeClicks(folder);
const recipe = join(folder, "clicks.yaml");
writeFileSync(recipe, JSON.stringify({ ...clickRecipe(), threads: 1 }));
const run = join(folder, "run");
const artifact = join(run, "artifacts", "machine");

beforeAll(async () => {
  const { code, out, err } = await distilrec("run", recipe, "--out", run, "--set", "train.epochs=2");
  expect(code, err).toBe(0);
  expect(out).toMatch(/^machine reaches AUC 0\.\d{4} in .*\n[\s\S]*Report: .*report\.html/);
}, 30_000);

test("report writes the page again", async () => {
  const before = readFileSync(join(run, "report.html"), "utf8");
  writeFileSync(join(run, "report.html"), "");
  expect((await distilrec("report", run)).code).toBe(0);
  expect(readFileSync(join(run, "report.html"), "utf8")).toBe(before);
});

test("inspect says what it is, score reads raw rows under other names", async () => {
  const { out } = await distilrec("inspect", artifact);
  expect(out).toContain("machine: deepfm trained on table. Every file is as it was sealed.");
  const rows = join(folder, "rows.csv");
  writeFileSync(rows, "customer,item,price,tags\nu1,i1,2.5,t1|t2\nstranger,,,\n");
  const scored = await distilrec("score", artifact, rows, "--columns", "user=customer");
  expect(scored.err).toBe("");
  expect(scored.out).toMatch(/^row,probability\n0,0\.\d+\n1,0\.\d+\n$/);
  const { code, err } = await distilrec("score", artifact, rows);
  expect([code, err]).toEqual([2, expect.stringMatching(/rows\.csv.*user/)]);
});

test("commands of recommenders say that it is of clicks", async () => {
  const { code, err } = await distilrec("train", recipe);
  expect([code, err]).toEqual([2, "clicks.yaml: it is a recipe of a click log, which only distilrec run takes.\n"]);
});

test("damaged columns are found", async () => {
  const path = join(artifact, "columns.json");
  writeFileSync(path, readFileSync(path, "utf8").replace("u1", "u2"));
  const { code, err } = await distilrec("inspect", artifact);
  expect([code, err]).toEqual([2, expect.stringContaining("columns.json: its content is not what was sealed")]);
});
