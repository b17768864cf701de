// distilrec finetune and compress of an imported graph, as a person runs them, and what can be wrong with the command.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UserError } from "../../src/base/errors.ts";
import { createRng } from "../../src/base/rng.ts";
import { createProgram } from "../../src/cli/program.ts";
import { distilrec, scratch } from "./distilrec.ts";

const { folder, remove } = scratch();
afterAll(remove);
const path = (name: string) => join(folder, name);
const [deepfm, rows] = [path("deepfm"), path("rows.csv")];

/** 26 fields of numbers below 8; the first four say whether somebody clicks. */
function writeRows(n: number): void {
  const rng = createRng("clicks");
  const weight = Array.from({ length: 32 }, () => 1.5 * rng.normal());
  const lines = Array.from({ length: n }, () => {
    const row = Array.from({ length: 26 }, () => rng.below(8));
    const z = [0, 1, 2, 3].reduce((sum, f) => sum + weight[f * 8 + row[f]!]!, 0);
    return [...row, rng.uniform() < 1 / (1 + Math.exp(-z)) ? 1 : 0].join(",");
  });
  writeFileSync(rows, `${[...row26(), "click"].join(",")}\n${lines.join("\n")}\n`);
}
const row26 = () => Array.from({ length: 26 }, (_, i) => `fields_${i}`);

beforeAll(async () => {
  writeRows(1200);
  writeFileSync(
    path("noise.csv"),
    readFileSync(rows, "utf8")
      .replace("click", "noise")
      .replaceAll(/,[01]\n/g, ",0.5\n"),
  );
  const imported = (name: string, out: string) =>
    distilrec("import", resolve(`test/fixtures/foreign/${name}.script.onnx`), "--out", out);
  for (const { code, err } of await Promise.all([imported("deepfm", deepfm), imported("two-tower", path("towers"))]))
    expect(code, err).toBe(0);
});

test("fine-tune, teach another with what came out, compress it", async () => {
  const learn = ["--label", "click", "--learning-rate", "0.02", "--epochs", "3", "--seed", "7"];
  const tuned = await distilrec("finetune", deepfm, rows, ...learn, "--out", path("tuned"));
  expect(tuned.code, tuned.err).toBe(0);
  expect(tuned.out).toMatch(
    /the logit is learnt\. 7 weights and 2 tables learnt from 960 rows; epoch \d of 3 is kept, by 120 others/,
  );
  expect(tuned.out).toContain("On 120 rows more, which were held back and chose nothing:");
  expect(existsSync(`${path("tuned")}.unfinished`)).toBe(false);
  expect(tuned.out).toMatch(/AUC +log loss +model\.onnx\nbefore +0\.\d{4} .* KB\nafter +0\.\d{4}/);
  expect(tuned.err).toMatch(/finetune +[\d.]+ m?s/);

  const teach = ["--teacher", path("tuned"), "--alpha", ".8", "--temperature", "2", "--freeze", "mlp*", "--json"];
  const taught = await distilrec("finetune", deepfm, rows, ...learn, ...teach, "--out", path("taught"));
  expect(taught.code, taught.err).toBe(0);
  const said = JSON.parse(taught.out);
  expect(said).toMatchObject({ artifact: path("taught"), weights: 1, tables: 2 });
  expect(said.after["log-loss"]).toBeLessThan(said.before["log-loss"]);
  const { lineage } = JSON.parse(readFileSync(join(path("taught"), "manifest.json"), "utf8"));
  expect(lineage[0].options.teacher).toMatchObject({ name: "tuned", alpha: 0.8, temperature: 2 });

  const packing = ["--pass", "fp16", "--rows", rows, "--label", "click", "--out", path("small")];
  const small = await distilrec("compress", path("tuned"), ...packing);
  expect(small.code, small.err).toBe(0);
  expect(small.out).toMatch(/embedding\.weight +f16 +3\.33 KB +1\.\d\d KB/);
  const [, before, after] = /before +(\S+) .*\nafter +(\S+)/.exec(small.out)!;
  expect(Math.abs(Number(before) - Number(after))).toBeLessThan(0.002);
  const choosing = ["--max-drop", "0.01", "--rows", rows, "--label", "click", "--out", path("mixed")];
  const mixed = await distilrec("compress", path("tuned"), ...choosing);
  expect(mixed.code, mixed.err).toBe(0);
  expect(mixed.out).toMatch(/alone .*f32 +fp16[\s\S]*embedding\.weight +[\d.]+ KB +[\d.]+ KB, [\d.]+ %, -?[\d.]+/);
  expect(mixed.out).toContain("measure on others before you report");
  expect(small.out).not.toContain("measure on others");
  const inspected = await distilrec("inspect", path("small"));
  expect(inspected.out).toMatch(/Fine-tuned from deepfm\.script.*\n\nCompressed from tuned/);
}, 60_000);

test("calibrate a graph whose probabilities are off; AUC stays, one model holds it", async () => {
  const learn = ["--label", "click", "--learning-rate", "0.02", "--epochs", "2", "--batch", "64"];
  const tuned = await distilrec("finetune", deepfm, rows, ...learn, "--out", path("hasty"));
  expect(tuned.code, tuned.err).toBe(0);
  // The same people, but every third non-click is gone: rates rise, ranks do not.
  const [head, ...all] = readFileSync(rows, "utf8").trim().split("\n");
  const fewer = all.filter((line, r) => line.endsWith(",1") || r % 3 === 0);
  writeFileSync(path("fewer.csv"), [head, ...fewer, ""].join("\n"));
  const how = ["--data", path("fewer.csv"), "--label", "click", "--json"];
  for (const method of ["platt", "piecewise-linear"]) {
    const found = await distilrec("calibrate", path("hasty"), ...how, "--method", method, "--out", path(method));
    expect(found.code, found.err).toBe(0);
    const { before, after, moved, rows: fitted, heldBack } = JSON.parse(found.out);
    expect(fitted + heldBack).toBe(fewer.length);
    expect(after.ece).toBeLessThan(before.ece / 2);
    expect(Math.abs(after.calibration - 1)).toBeLessThan(Math.abs(before.calibration - 1) / 2);
    expect(after.auc).toBe(before.auc);
    expect(moved).toBe(0);
    const { lineage } = JSON.parse(readFileSync(join(path(method), "manifest.json"), "utf8"));
    expect(lineage.map(({ step }: { step: string }) => step)).toEqual(["finetune", "calibrate"]);
    expect(lineage[1]).toMatchObject({ parent: { name: "hasty" }, options: { method, map: { method } } });
  }
  const text = await distilrec("inspect", path("platt"));
  expect(text.out).toContain("Calibrated from hasty");
  const again = await distilrec("calibrate", path("platt"), ...how.slice(0, 4), "--out", path("twice"));
  expect([again.code, again.err]).toEqual([2, expect.stringMatching(/fewer\.csv: on the rows held back log loss is/)]);
  expect(existsSync(path("twice"))).toBe(false);
}, 60_000);

describe("in one sentence, with nothing written", () => {
  const out = path("never");
  const tune = (...more: string[]) => ["finetune", deepfm, rows, "--out", out, ...more];
  test.each<[RegExp, string[]]>([
    [/rows\.csv: clack: no column named "clack"\. Did you mean "click"\?/, tune("--label", "clack")],
    [/--label fields_3: the model reads that column/, tune("--label", "fields_3")],
    [
      /noise\.csv: label "noise": row 1: must be 0 or 1/,
      ["finetune", deepfm, path("noise.csv"), "--label", "noise", "--out", out],
    ],
    [/finetune: epochs must be a number/, tune("--label", "click", "--epochs", "many")],
    [
      /finetune: optimizer must be one of adam, adamw, .*Did you mean "adam"/,
      tune("--label", "click", "--optimizer", "adm"),
    ],
    [/teacher: .*rows\.csv: .*no column named "user_id"/, tune("--label", "click", "--teacher", path("towers"))],
    [/nowhere: there is no artifact/, tune("--label", "click", "--teacher", "nowhere")],
    [/holds files that are no artifact/, ["finetune", deepfm, rows, "--label", "click", "--out", "src"]],
    [
      /--data: a network or an imported graph is compared on --rows/,
      ["compress", deepfm, "--pass", "fp16", "--data", "x.yaml"],
    ],
    [/clack: no column named "clack"/, ["calibrate", deepfm, "--data", rows, "--label", "clack", "--out", out]],
    [
      /calibrate: method must be one of platt, piecewise-linear; got "plat"/,
      ["calibrate", deepfm, "--data", rows, "--label", "click", "--method", "plat", "--out", out],
    ],
    [
      /noise\.csv: label "noise": row 1: must be 0 or 1/,
      ["calibrate", deepfm, "--data", path("noise.csv"), "--label", "noise", "--out", out],
    ],
    [
      /all of the \d+ rows to calibrate on have label 1; give rows of both labels/,
      ["calibrate", deepfm, "--data", rows, "--label", "click", "--threshold", "-1", "--out", out],
    ],
    [/--bytes and --max-drop are two ways/, ["compress", deepfm, "--bytes", "9", "--max-drop", "0", "--out", out]],
    [/give some by --rows/, ["compress", deepfm, "--bytes", "9999", "--out", out]],
    [/--pass: --bytes and --max-drop choose/, ["compress", deepfm, "--pass", "fp16", "--bytes", "9", "--out", out]],
    [/no pass named "fp61"\. Did you mean "fp16"/, ["compress", deepfm, "--pass", "fp61", "--out", out]],
  ])("%s", async (sentence, args) => {
    const program = await createProgram([args[0]!]);
    const said = await program.parseAsync(["node", "distilrec", ...args]).then(
      () => "nothing",
      (error: unknown) => (error instanceof UserError ? error.message : error),
    );
    expect(said).toMatch(sentence);
    expect(existsSync(out)).toBe(false);
  });
});
