// Each mistake that people make: exit code 2, one sentence on stderr, nothing on stdout, no stack.

import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { distilrec, scratch, tinyRecipe } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
const run = join(folder, "run");
const artifact = join(run, "artifacts", "small");
const recipe = tinyRecipe(folder);

beforeAll(async () => {
  const { code, err } = await distilrec("run", recipe, "--out", run);
  expect(code, err).toBe(0);
});

/** The last line of stderr of a command that must fail politely. */
async function complaint(...args: string[]): Promise<string> {
  const { code, out, err } = await distilrec(...args);
  expect({ code, out }, err).toEqual({ code: 2, out: "" });
  expect(err).not.toMatch(/^\s+at /m);
  return err.trim().split("\n").at(-1) ?? "";
}
const changed = (changes: object, file: string) => tinyRecipe(folder, changes, file);

test.concurrent.each([
  ["an unknown command", ["rnu"], `Unknown command 'rnu'. Did you mean "run"?`],
  ["an unknown option", ["run", "x.yaml", "--ot", "y"], `Unknown option '--ot'. Did you mean "--out"?`],
  ["a missing argument", ["run"], "Missing required argument 'recipe'. See distilrec --help."],
  [
    "a missing recipe",
    ["run", "no.yaml"],
    "no.yaml: there is no such recipe file; recipes/ of the package has examples.",
  ],
  [
    "k of 0",
    ["recommend", artifact, "--user", "0", "--k", "0"],
    "--k: it must be a whole number from 1 to 1000, got 0.",
  ],
  [
    "a name that steers the terminal",
    ["recommend", artifact, "--user", "\u001b[2J\n"],
    'recommend: there is no user " [2J ".',
  ],
  ["an unknown user", ["recommend", artifact, "--user", "nobody"], 'recommend: there is no user "nobody".'],
  ["an unknown kind", ["methods", "modle"], 'methods: there is no kind "modle". Did you mean "model"?'],
  [
    "an artifact that is not there",
    ["inspect", join(folder, "none")],
    /none: there is no artifact \(no manifest\.json\)/,
  ],
  [
    "an unknown pass",
    ["compress", artifact, "--pass", "int8-rwo"],
    /variants\[0\]\.passes\[0\]: there is no pass named "int8-rwo". Did you mean "int8-row"\?/,
  ],
  [
    "a run that is not there",
    ["report", join(folder, "none")],
    /results\.json: cannot be read; give the folder of a run that finished\./,
  ],
  [
    "a data set nobody knows",
    ["data", "get", "movietwetings-100k"],
    'No data set named "movietwetings-100k". Did you mean "movietweetings-100k"?',
  ],
  [
    "training that diverges",
    [
      "run",
      changed(
        { teacher: { use: "bpr-mf", learningRate: 10, epochs: 60 }, students: [], variants: [] },
        "diverges.yaml",
      ),
      ...["--out", join(folder, "diverged")],
    ],
    /^teacher bpr-mf: training diverged: table "user" holds \S+ in row \d+; lower learningRate or raise decay\.$/,
  ],
  ["a folder that cannot be written", ["run", recipe, "--out", "/proc/run"], /^\/proc\/run: /],
  [
    "a folder below a file",
    ["run", recipe, "--out", join(recipe, "run")],
    /a part of that path is a file, not a folder/,
  ],
] as [string, string[], string | RegExp][])("%s", async (_, args, sentence) => {
  expect(await complaint(...args)).toEqual(typeof sentence === "string" ? sentence : expect.stringMatching(sentence));
});

test.concurrent.each([
  ["a typo", { taecher: {} }, /there is no option "taecher"\. Did you mean "teacher"\?$/],
  ["an unknown method", { teacher: { use: "eaze" } }, /there is no model named "eaze"\. Did you mean "ease"\?$/],
  [
    "an option out of range",
    { teacher: { use: "ease", lambda: -1 } },
    /teacher \(ease\): lambda must be more than 0, got -1\.$/,
  ],
  ["a data file that is not there", { dataset: { use: "csv", path: "no.csv" } }, /no\.csv/],
  ["an empty split", { split: { use: "random", test: 0 } }, /the test part is empty/],
  ["a teacher that is not there", { teacher: { artifact: "none" } }, /none: there is no artifact/],
] as [string, object, RegExp][])("a recipe with %s", async (name, changes, sentence) => {
  expect(
    await complaint("run", changed(changes, `${name.replaceAll(" ", "-")}.yaml`), "--out", join(folder, name)),
  ).toMatch(sentence);
});

test("a flipped byte in an artifact", async () => {
  const damaged = join(folder, "damaged");
  cpSync(artifact, damaged, { recursive: true });
  const file = join(damaged, "tables.safetensors");
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes);
  for (const command of [
    ["inspect", damaged],
    ["recommend", damaged, "--user", "0"],
    ["serve", damaged, "--port", "0"],
  ]) {
    expect(await complaint(...command)).toContain("tables.safetensors: its content is not what was sealed");
  }
});

test("a port in use", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const { port } = server.address() as AddressInfo;
  expect(await complaint("serve", artifact, "--port", String(port))).toContain(`port ${port} of 127.0.0.1 is in use`);
  server.close();
});

test("a run that fails leaves the earlier results as they were", async () => {
  const before = readFileSync(join(run, "results.json"), "utf8");
  await complaint("run", changed({ split: { use: "random", test: 0 } }, "later.yaml"), "--out", run);
  expect(readFileSync(join(run, "results.json"), "utf8")).toBe(before);
  expect(readdirSync(run).sort()).toEqual(["artifacts", "report.html", "results.json", "stages"]);
});
