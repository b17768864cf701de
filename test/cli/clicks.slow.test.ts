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

test("calibrate a sealed network on rows of another click rate; score and inspect know the new one", async () => {
  const [head, ...all] = readFileSync(join(folder, "clicks.csv"), "utf8").trim().split("\n");
  const july = join(folder, "july.csv");
  // Every third non-click alone is left: its odds are three times as high.
  const left = all.filter((line, r) => line.split(",")[4] === "1" || r % 3 === 0);
  writeFileSync(july, [head, ...left, ""].join("\n"));
  const out = join(folder, "machine-july");
  const made = await distilrec("calibrate", artifact, "--data", july, "--label", "click", "--out", out);
  expect(made.code, made.err).toBe(0);
  expect(made.out).toMatch(/ +ECE +predicted over observed +log loss +Brier +AUC\nbefore .*\nafter /);
  expect(made.out).toMatch(/No two rows changed places; \d+ that float32 told apart are equal now\./);
  expect((await distilrec("inspect", out)).out).toContain("Calibrated from machine");
  const rows = join(folder, "one.csv");
  writeFileSync(rows, "user,item,price,tags\nu1,i1,2.5,t1\n");
  const [before, after] = await Promise.all([artifact, out].map((one) => distilrec("score", one, rows)));
  const scoreOf = ({ out: text }: { out: string }) => Number(text.trim().split(",").at(-1));
  expect(scoreOf(after!)).toBeGreaterThan(scoreOf(before!) + 0.05);
}, 20_000);

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
