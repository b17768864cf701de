// Every command but the demo once, through the built program, on a tiny world.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commands, createProgram } from "../../src/cli/program.ts";
import type { Results } from "../../src/report/results.ts";
import { distilrec, json, type Outcome, scratch, start, tinyRecipe } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
const run = join(folder, "run");
const artifact = join(run, "artifacts", "small");
const recipe = tinyRecipe(folder);

let said: Outcome;
let results: Results;
beforeAll(async () => {
  said = await distilrec("run", recipe, "--out", run);
  expect(said.code, said.err).toBe(0);
  results = JSON.parse(readFileSync(join(run, "results.json"), "utf8"));
});

test("run writes results, report and an artifact a variant", () => {
  expect(readFileSync(join(run, "report.html"), "utf8")).toMatch(/^<!doctype html>/);
  expect(results.variants.map(({ name, role, of }) => [name, role, of])).toEqual([
    ["teacher", "teacher", undefined],
    ["small", "student", "teacher"],
    ["small-int8", "variant", "small"],
  ]);
  for (const { artifact: path, metrics, cost } of results.variants) {
    expect(existsSync(join(run, path, "manifest.json"))).toBe(true);
    const { bytes, files, ops, flops, memory, latency, energy } = cost;
    for (const file of files) expect(statSync(join(run, path, file.path)).size).toBe(file.raw);
    expect(files.filter(({ load }) => load).reduce((sum, { raw }) => sum + raw, 0)).toBe(bytes.raw);
    const seen = latency.map(({ runtime, batch }) => `${runtime} ${batch}`);
    expect(seen).toEqual(["node 1", "node 8", "node 64", "node 256", "wasm 1"]);
    const figures = [bytes.gzip, bytes.brotli, ops[0]!.bytes, flops.perRow, memory.answering.bytes];
    const process = memory.process?.bytes ?? Number.NaN;
    for (const value of [...figures, process, energy.joulesPerThousand]) expect(value).toBeGreaterThan(0);
    for (const { p50, p95, p99, perSecond } of latency) {
      expect(p50).toBeGreaterThan(0);
      expect(p95).toBeGreaterThanOrEqual(p50);
      expect(p99).toBeGreaterThanOrEqual(p95);
      expect(perSecond).toBeGreaterThan(0);
    }
    expect(metrics["ndcg@20"]).toBeGreaterThan(0);
  }
  const [teacher, small, int8] = results.variants;
  expect(teacher!.cost.parameters.tables).toBe(120 * 120);
  expect(small!.cost.parameters.tables).toBe(2 * 120 * 8);
  expect(int8!.cost.bytes.raw).toBeLessThan(small!.cost.bytes.raw);
  expect(int8!.passes).toEqual([{ use: "int8-row", changed: ["history", "item"], refused: [] }]);
  expect(results.samples).toHaveLength(3);
});

test("plain text on stdout, a line a stage on stderr", () => {
  expect(said.out).toMatch(/small-int8[\s\S]*Report: .*report\.html/);
  const lines = said.err.trim().split("\n");
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => !/ [\d.]+ s$/.test(line))).toEqual([]);
});

test.each(commands.map(({ name }) => [name]))("%s --help has an example", async (name) => {
  const program = await createProgram([name]);
  const command = program.commands.find((one) => one.name() === name)!;
  for (const one of command.commands.length > 0 ? command.commands : [command]) {
    let help = "";
    one.configureOutput({ writeOut: (part) => (help += part) }).outputHelp();
    expect(help).toContain(`Example:\n  distilrec ${name}`);
    expect(help).toContain("--json");
  }
});

test("report writes the page again", async () => {
  const before = readFileSync(join(run, "report.html"), "utf8");
  writeFileSync(join(run, "report.html"), "");
  expect(await json("report", run)).toEqual({ report: join(run, "report.html") });
  expect(readFileSync(join(run, "report.html"), "utf8")).toBe(before);
});

test("doctor finds nothing wrong with a model of ours, and says it in JSON, too", async () => {
  const { code, out, err } = await distilrec("doctor", artifact);
  expect(code, err).toBe(0);
  expect(out).toMatch(/numbers; nothing is wrong with it\.\n\ntable +kept as/);
  expect(out).toContain("Nothing in it is packed yet: distilrec compress makes it smaller.");
  expect(await json("doctor", `${artifact}-int8`)).toMatchObject({ unpacked: false, findings: [] });
});

test("export writes a model and its plan, and the same model from the plan", async () => {
  const [one, again] = ["one.onnx", "again.onnx"].map((name) => join(folder, name)) as [string, string];
  const { code, out } = await distilrec("export", `${artifact}-int8`, "--out", one);
  expect(code).toBe(0);
  expect(out).toMatch(/int8-row[\s\S]*kept/);
  await json("export", `${artifact}-int8`, "--forms", join(folder, "one.forms.json"), "--out", again);
  expect(readFileSync(again)).toEqual(readFileSync(one));
});

test("inspect verifies, recommend answers for users and histories", async () => {
  expect(await json("inspect", artifact)).toMatchObject({
    name: "small",
    role: "student",
    items: 120,
    parent: "teacher",
  });
  const { out } = await distilrec("inspect", artifact);
  expect(out).toMatch(/table +encoding +rows +columns +bytes\n/);
  expect(out).toMatch(/1,920 parameters; an answer from \d+ items takes [\d,]+ operations \(960 multiply-adds\)/);
  type Answer = { items: { id: string; score: number }[]; unknown: string[] };
  const byUser = await json<Answer>("recommend", artifact, "--user", results.samples[0]!.user, "--k", "5");
  expect(byUser.items).toHaveLength(5);
  const [a, b] = byUser.items.map(({ id }) => id) as [string, string];
  const byHistory = await json<Answer>("recommend", artifact, "--history", `${a},nothing`, "--exclude", b);
  expect(byHistory.unknown).toEqual(["nothing"]);
  expect(byHistory.items.map(({ id }) => id)).not.toContain(a);
  expect(byHistory.items.map(({ id }) => id)).not.toContain(b);
});

test("data inspect accounts for what was dropped; data get says what a mirror lacks", async () => {
  const log = join(folder, "log.csv");
  writeFileSync(log, "user,item\na,x\na,y\nb,x\nb,x\n");
  const found = await json("data", "inspect", log, "--set", "clean.duplicates=first");
  expect(found).toMatchObject({ users: 2, items: 2, interactions: 3, dropped: [{ step: "duplicates", dropped: 1 }] });
  mkdirSync(join(folder, "mirror"));
  process.env["DISTILREC_MIRROR"] = join(folder, "mirror");
  const { code, err } = await distilrec("data", "get", "movietweetings-100k", "--to", join(folder, "got"));
  delete process.env["DISTILREC_MIRROR"];
  expect(code).toBe(2);
  expect(err).toContain("ratings.dat");
});

test("methods lists every kind with its options", async () => {
  const rows = await json<{ kind: string; name: string; options: { name: string; default?: unknown }[] }[]>("methods");
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(
    new Set(["dataset", "clicklog", "estimator", "split", "model", "network", "loss", "pass", "layer-pass", "metric"]),
  );
  expect(rows.find(({ name }) => name === "ease")?.options).toContainEqual(
    expect.objectContaining({ name: "lambda", default: 200 }),
  );
});

test("serve answers over HTTP and stops on SIGTERM", async () => {
  const { child, ended } = start(["serve", artifact, "--port", "0", "--json"]);
  const text = await new Promise<string>((ready) => child.stdout?.once("data", (part) => ready(String(part))));
  const { url } = JSON.parse(text) as { url: string };
  const response = await fetch(`${url}/v1/recommend`, {
    ...{ method: "POST", headers: { "content-type": "application/json" } },
    body: JSON.stringify({ user: results.samples[0]!.user, k: 3 }),
  });
  expect(((await response.json()) as { items: unknown[] }).items).toHaveLength(3);
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
});
