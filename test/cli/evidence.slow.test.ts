// Gates, compare, evaluate --against and verify by the built program, over a run of recommenders and one of clicks.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clickRecipe, writeClicks } from "../clicks/click-table.ts";
import { distilrec, scratch, tinyRecipe } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
const json = (text: string) => JSON.parse(text);
const rewrite = (path: string, change: (text: string) => string) =>
  writeFileSync(path, change(readFileSync(path, "utf8")));

describe("recommenders", () => {
  const run = join(folder, "ranking");
  const [teacher, small] = ["teacher", "small-int8"].map((name) => join(run, "artifacts", name));
  const recipe = tinyRecipe(folder, {
    evaluate: { metrics: ["ndcg", "coverage"], ks: [10] },
    gates: [
      { metric: "ndcg@10", maxDrop: "90%", slice: "head" },
      { bytes: "≤ 1 KB" },
      { "overlap@10": 0.999, test: "bootstrap" },
    ],
  });
  beforeAll(async () => {
    const { code, err } = await distilrec("run", recipe, "--out", run);
    expect(code, err).toBe(0);
  }, 30_000);

  test("gates are judged, and the teacher is not", () => {
    const { variants } = json(readFileSync(join(run, "results.json"), "utf8"));
    const verdicts = variants.map(({ name, gates }: { name: string; gates?: { verdict: string }[] }) => [
      name,
      gates?.map(({ verdict }) => verdict),
    ]);
    expect(verdicts).toEqual([
      ["teacher", undefined],
      ["small", ["pass", "fail", "fail"]],
      ["small-int8", ["pass", "fail", "fail"]],
    ]);
    expect(variants[1].fidelity.against).toBe("teacher");
  });

  test("verify finds every number again, and says what was changed", async () => {
    const same = await distilrec("verify", run);
    expect(same.code, same.err).toBe(0);
    expect(same.out).toMatch(/every artifact is as it was sealed, the data is the same, and all \d+ numbers/);
    const results = join(run, "results.json");
    const kept = readFileSync(results, "utf8");
    rewrite(results, (text) => text.replace(/("coverage@10": )[\d.]+/, "$10.5"));
    const other = await distilrec("verify", run, "--json");
    expect(other.code).toBe(1);
    const { differences, same: verdict } = json(other.out);
    expect(verdict).toBe(false);
    expect(differences.map(({ what }: { what: string }) => what)).toEqual([
      "teacher: manifest.json.metrics.coverage@10",
      "teacher: metrics.coverage@10",
    ]);
    writeFileSync(results, kept);
    const tables = join(small!, "tables.safetensors");
    const bytes = readFileSync(tables);
    const broken = Buffer.from(bytes);
    broken[broken.length - 1]! ^= 1;
    writeFileSync(tables, broken);
    const damaged = await distilrec("verify", run);
    writeFileSync(tables, bytes);
    expect(damaged.code).toBe(1);
    expect(damaged.out).toMatch(/small-int8: artifact +as it was sealed .*tables\.safetensors/);
    const moved = await distilrec("verify", run, "--set", "dataset.clicks=4000");
    expect([moved.code, moved.out]).toEqual([1, expect.stringContaining("data: fingerprint")]);
  }, 30_000);

  test("compare: a verdict for each metric, fidelity, sizes; exit 1 where one fails", async () => {
    const twin = await distilrec("compare", teacher!, teacher!, "--margin", "10%");
    expect(twin.code, twin.err).toBe(0);
    expect(twin.out).toMatch(/ndcg@10 .* 0\.0000 /);
    expect(twin.out).toMatch(/overlap@10 +100\.0 %/);
    const worse = await distilrec("compare", small!, teacher!, "--metrics", "ndcg", "--margin", "0.5", "--json");
    const found = json(worse.out);
    expect(found).toMatchObject({ part: "test", margin: { value: 0.5, type: "absolute" }, verdict: "pass" });
    const { a, b, difference, interval } = found.metrics["ndcg@10"];
    expect(difference).toBeCloseTo(b - a, 12);
    expect(interval[0]).toBeLessThanOrEqual(difference);
    expect(found.b.bytes).toBeGreaterThan(found.a.bytes);
    const strict = await distilrec("compare", teacher!, small!, "--metrics", "ndcg", "--set", "seed=2");
    expect(strict.code).toBe(strict.out.endsWith("Verdict: fail.\n") ? 1 : 0);
    expect(strict.out).toContain("Neither was trained on this division of the data");
  }, 30_000);

  test("evaluate --against adds what it is to its teacher", async () => {
    const { code, out, err } = await distilrec("evaluate", small!, "--against", teacher!);
    expect(code, err).toBe(0);
    expect(out).toMatch(/^metric +value +standard error\n/);
    expect(out).toMatch(/Against .*teacher:\n +A +B +B - A/);
    const alone = await distilrec("evaluate", small!, "--json");
    expect(json(alone.out)).not.toHaveProperty("against");
  }, 20_000);

  test.each([
    [["compare", "TEACHER", "SMALL", "--slice", "tale"], 'there is no slice "tale" here. Did you mean "tail"?'],
    [["compare", "TEACHER", "SMALL", "--margin", "150%"], "--margin 150%: it is what may be lost at most"],
    [["compare", "TEACHER", "SMALL", "--set", "dataset.items=140"], "the data's items include"],
    [["verify", "FOLDER"], "results.json: cannot be read; give the folder of a run that finished."],
    [["run", "RECIPE", "--set", 'gates=[{metric: "ndcg@10", maxDrop: 1%, slice: x}]'], 'there is no slice "x" here.'],
  ])("%j is refused in a sentence", async (words, message) => {
    const places: Record<string, string> = { TEACHER: teacher!, SMALL: small!, FOLDER: folder, RECIPE: recipe };
    const { code, err, out } = await distilrec(...words.map((word) => places[word] ?? word));
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
  });
});

describe("networks", () => {
  const run = join(folder, "clicks");
  const recipe = join(folder, "clicks.yaml");
  const [first, second] = ["machine", "line"].map((name) => join(run, "artifacts", name));
  beforeAll(async () => {
    writeClicks(folder);
    const gates = [
      { metric: "auc", maxDrop: "50%", against: "machine" },
      { metric: "log-loss", maxDrop: "1%" },
      { ece: "≤ 0.9" },
      { auc: 0.99, test: "bootstrap" },
      { bytes: "≤ 1 KB" },
    ];
    const given = clickRecipe() as { networks: object[] };
    const networks = [...given.networks, { name: "line", use: "lr" }];
    writeFileSync(recipe, JSON.stringify({ ...given, networks, threads: 1, gates }));
    const { code, err } = await distilrec("run", recipe, "--out", run, "--set", "train.epochs=2");
    expect(code, err).toBe(0);
  }, 30_000);

  test("gates are judged; a network is no gate of itself", () => {
    const { networks } = json(readFileSync(join(run, "results.json"), "utf8"));
    const gates = networks.map((one: { gates: { gate: string; verdict: string }[] }) =>
      one.gates.map(({ gate, verdict }) => `${gate}: ${verdict}`),
    );
    expect(gates[0]).toHaveLength(3);
    expect(gates[1]).toHaveLength(5);
    expect(gates[1][0]).toMatch(/^AUC drops at most 50 %: /);
    expect(gates[1].slice(2)).toEqual([
      "Calibration error (ECE) at most 0.9: pass",
      "AUC at least 0.99: fail",
      "Bytes to ship at most 1.00 KB: fail",
    ]);
  });

  test("verify, compare and evaluate read the log again", async () => {
    const same = await distilrec("verify", run, "--data", recipe);
    expect(same.code, same.out + same.err).toBe(0);
    const args = ["--data", recipe, "--metrics", "auc,brier", "--margin", "60%", "--test", "bootstrap"];
    const compared = await distilrec("compare", first!, second!, ...args);
    expect(compared.code, compared.out + compared.err).toBe(0);
    expect(compared.out).toMatch(/auc +0\.\d{4} +0\.\d{4}/);
    const { out } = await distilrec("evaluate", second!, "--data", recipe, "--against", first!, "--json");
    const { metrics, against } = json(out);
    expect(against.metrics.auc.b).toBe(metrics.auc);
    expect(against).not.toHaveProperty("fidelity");
  }, 30_000);

  test("two kinds of model are not compared, nor a network on interactions", async () => {
    const ranking = join(folder, "ranking", "artifacts", "teacher");
    const mixed = await distilrec("compare", first!, ranking);
    expect([mixed.code, mixed.err]).toEqual([2, expect.stringContaining("one of the two is a recommender")]);
    const wrong = await distilrec("evaluate", first!, "--data", join(folder, "tiny.yaml"));
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("is a network; give a recipe of a click log")]);
  });
});
