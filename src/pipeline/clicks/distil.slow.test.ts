// Networks that teach others, over a small click log: who is trained when, what is kept, and what the students learn.

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contents, scratch } from "../../../test/cli/distilrec.ts";
import { brief, clickRecipe, inRun, writeClicks } from "../../../test/clicks/click-table.ts";
import { openForeignFolder } from "../../node/artifact-folder.ts";
import type { ClickResults } from "../../report/clicks/results.ts";
import type { Surroundings } from "../surroundings.ts";
import { decodePredictions, predictionsPath } from "./predictions.ts";
import { parseClickRecipe } from "./recipe.ts";
import { runClicks } from "./run.ts";

const { folder, remove } = scratch();
afterAll(remove);
writeClicks(folder);

const small = { use: "deepfm", d: 2, hidden: [4], dropout: 0 };
const networks = [
  {
    ...{ name: "student", ...small },
    distill: { teacher: "both", alpha: 1, terms: [{ use: "bced", temperature: 2 }] },
  },
  {
    ...{ name: "weighed", ...small },
    distill: {
      teacher: { ensemble: ["one", "two"], weights: "gated" },
      ...{ head: "auxiliary", alpha: 0.3, terms: [{ use: "logit-mse", weight: 0.1 }, { use: "clid" }] },
    },
  },
  { name: "both", use: "ensemble", of: ["one", "two"] },
  {
    ...{ name: "blind", ...small, columns: ["user", "item"], calibrate: "platt" },
    distill: { teacher: "one", terms: [{ use: "bced" }] },
  },
  { name: "plain", ...small },
  {
    ...{ name: "wider", ...small, columns: ["user", "item"] },
    distill: { teacher: "one", alpha: 1, terms: [{ use: "bced" }], transfer: { times: 2, columns: ["item"] } },
    train: { epochs: 1 },
  },
  {
    ...{ name: "small", use: "packed", of: "one", passes: [{ use: "fp16" }], neurons: 0.5 },
    layers: [{ use: "quantize-static", least: 64 }, { use: "int8-row" }],
  },
  { name: "one", use: "deepfm", d: 4, hidden: [16] },
  { name: "two", use: "dcnv2", d: 4, hidden: [8], rank: 2 },
];
const train = { ...(clickRecipe()["train"] as object), epochs: 3, patience: 3 };
const recipe = (change: object = {}) =>
  parseClickRecipe({ ...clickRecipe(), train, networks, ...change }, "clicks.yaml");

const out = join(folder, "calm");
const order: string[] = [];
let results: ClickResults;
beforeAll(async () => {
  results = await inRun(folder, out, (around) => {
    const progress: Surroundings["progress"] = {
      ...around.progress,
      start(label: string) {
        order.push(label);
        return around.progress.start(label);
      },
    };
    return runClicks(recipe(), { ...brief(around), progress });
  });
}, 60_000);

const result = (name: string) => results.networks.find((network) => network.name === name)!;
const predicted = (name: string) => {
  const auc = result(name).metrics["auc"];
  const stages = readdirSync(join(out, "stages")).filter((stage) => stage.startsWith("clicks-"));
  for (const stage of stages) {
    const at = join(out, "stages", stage);
    const found = JSON.parse(readFileSync(join(at, "quality.json"), "utf8")) as { metrics: { auc: number } };
    if (found.metrics.auc === auc) return decodePredictions(readFileSync(join(at, predictionsPath)));
  }
  throw new Error(`no predictions of ${name}`);
};

test("teachers are trained before their students, each says what it says of train once, and results keep the recipe's order", () => {
  const at = (label: string) => order.indexOf(label);
  for (const student of ["student", "weighed", "both"]) {
    const label = `${student === "both" ? "join" : "train"} ${student}`;
    expect(at(label)).toBeGreaterThan(Math.max(at("train one"), at("train two")));
  }
  expect(at("train student")).toBeGreaterThan(at("join both"));
  expect(results.networks.map(({ name }) => name)).toEqual(networks.map(({ name }) => name));
  const stages = readdirSync(join(out, "stages")).filter((stage) => stage.startsWith("teacher-logits-"));
  expect(stages).toHaveLength(4);
});

test("an ensemble is one model: its logit is the mean of its members', its size their sum", () => {
  const [one, two, both] = ["one", "two", "both"].map((name) => predicted(name).score);
  const logit = (p: number) => Math.log(p / (1 - p));
  both!.forEach((p, r) => {
    expect(logit(p)).toBeCloseTo((logit(one![r]!) + logit(two![r]!)) / 2, 2);
  });
  const of = (name: string) => result(name).cost.parameters;
  expect(of("both")).toEqual({
    weights: of("one").weights + of("two").weights,
    tables: of("one").tables + of("two").tables,
  });
  const flops = (name: string) => result(name).cost.flops.perRow;
  expect(flops("both") / (flops("one") + flops("two"))).toBeCloseTo(1, 1);
  expect(result("both")).toMatchObject({ network: "ensemble", kept: 0, curve: [], teachers: ["one", "two"] });
});

test("students are nearer to the ensemble than the same network without it, and better", () => {
  const apart = (name: string) => {
    const [teacher, own] = [predicted("both").score, predicted(name).score];
    return own.reduce((sum, p, r) => sum + Math.abs(p - teacher[r]!), 0) / own.length;
  };
  expect(apart("student")).toBeLessThan(apart("plain"));
  const auc = (name: string) => result(name).metrics["auc"]!;
  expect(auc("student")).toBeGreaterThan(auc("plain") + 0.05);
  expect(auc("weighed")).toBeGreaterThan(auc("plain"));
});

test("the report says who taught whom, and draws the curves of those that learnt", () => {
  const page = readFileSync(join(out, "report.html"), "utf8");
  for (const words of ["ensemble of one, two", "deepfm, taught by both", "deepfm, taught by one, two"]) {
    expect(page).toContain(words);
  }
  expect(page).toContain("one epoch");
  expect(page).not.toContain("both epoch");
});

test("students weigh what the same network weighs, and their artifacts hold nothing else", () => {
  for (const name of ["student", "weighed"]) {
    expect(result(name).cost.parameters).toEqual(result("plain").cost.parameters);
    expect(result(name).cost.flops.perRow).toBe(result("plain").cost.flops.perRow);
  }
});

test("a teacher may read columns that its student does not, whose artifact asks for none of them", async () => {
  const { manifest, columns } = await openForeignFolder(join(out, "artifacts", "blind"));
  expect(manifest.inputs.map(({ name, columns: from }) => [name, from])).toEqual([["ids", ["user", "item"]]]);
  expect(columns!.fitted.map(({ column }) => column)).toEqual(["user", "item"]);
  const strange = recipe({ networks: [{ ...networks[0], distill: undefined, columns: ["user", "itm"] }] });
  await expect(inRun(folder, join(folder, "strange"), (around) => runClicks(strange, brief(around)))).rejects.toThrow(
    'network student: columns: there is no column "itm" to read. Did you mean "item"?',
  );
}, 30_000);

test("a packed network is one more: smaller than what it is made of, nearly as good, and taught by nobody", () => {
  const [one, small] = [result("one"), result("small")];
  expect(small).toMatchObject({ network: "packed", kept: 0, curve: [], teachers: ["one"] });
  const file = (of: typeof one) => of.cost.files.find(({ path }) => path === "model.onnx")!.raw;
  expect(file(small)).toBeLessThan(file(one));
  expect(Math.abs(small.metrics["auc"]! - one.metrics["auc"]!)).toBeLessThan(0.05);
  // d = 4, three columns of four: half of 16 hidden neurons, each of 4 d weights, two biases, one norm and one head.
  expect(one.cost.parameters.weights - small.cost.parameters.weights).toBeGreaterThan(8 * 8);
  // What rounds to 8 bits counts, too.
  expect(small.cost.flops.perRow).toBeLessThan(0.75 * one.cost.flops.perRow);
  expect(readFileSync(join(out, "report.html"), "utf8")).toContain("packed of one");
  const packed = (change: object) => recipe({ networks: [{ ...networks[6], ...change }, ...networks.slice(7)] });
  expect(() => packed({ of: "on" })).toThrow(/there is no network named "on" to make it of/);
  expect(() => packed({ train: { epochs: 1 } })).toThrow(/a packed network learns nothing; drop train/);
  expect(() => packed({ columns: ["user"] })).toThrow(
    /it reads what it is made of; give it and "one" the same columns/,
  );
  expect(() => packed({ layers: [{ use: "int8-row", tables: ["item"] }] })).toThrow(
    /networks\[0\]\.layers\[0\] \(int8-row\): tables name those of a recommender/,
  );
  expect(() => packed({ layers: [{ use: "quantize-static", rows: 0 }] })).toThrow(
    /networks\[0\]\.layers\[0\] \(quantize-static\): rows must be at least 1, got 0/,
  );
  expect(() => packed({ layers: [{ use: "quantize" }] })).toThrow(/no pass named "quantize" for layers/);
  expect(() => packed({ passes: [{ use: "int9-row" }] })).toThrow(/networks\[0\]\.passes\[0\]/);
});

test("made-up rows are answered by the teacher by its own columns, once, and learnt beside those of train", async () => {
  const said = order.filter((label) => label.startsWith("what one says of"));
  expect(said.filter((label) => label.endsWith("made-up rows"))).toHaveLength(1);
  expect(result("wider").curve.map(({ epoch }) => epoch)).toEqual([1]);
  expect(result("wider").metrics["auc"]).toBeGreaterThan(result("plain").metrics["auc"]! - 0.2);
  const gated = { teacher: { ensemble: ["one", "two"], weights: "gated" }, terms: [{ use: "bced" }], transfer: {} };
  expect(() => recipe({ networks: [{ ...networks[0], distill: gated }, ...networks.slice(5)] })).toThrow(
    /networks\[0\]\.distill: made-up rows have no label but the teacher's, which the gate of its teachers would learn; drop transfer, or take weights: mean/,
  );
});

test("a student whose training is killed goes on to the same bytes", async () => {
  const place = join(folder, "killed");
  mkdirSync(place);
  const only = { networks: networks.filter(({ name }) => ["weighed", "one", "two"].includes(name)) };
  let left = 1;
  const dying = (around: Surroundings): Surroundings => {
    const write: Surroundings["store"]["write"] = async (stage, key, files) => {
      const taught = [...(await contentsOf(place))].filter((name) => name.startsWith("teacher-logits")).length === 2;
      if (taught && stage === "network-unfinished" && left-- === 0) throw new Error("killed");
      await around.store.write(stage, key, files);
    };
    return { ...around, store: { ...around.store, write } };
  };
  const contentsOf = async (run: string) => readdirSync(join(run, "stages"));
  await expect(inRun(folder, place, (around) => runClicks(recipe(only), brief(dying(around))))).rejects.toThrow(
    "killed",
  );
  await inRun(folder, place, (around) => runClicks(recipe(only), brief(around)));
  const model = (run: string) => contents(join(run, "artifacts", "weighed"))["/model.onnx"]!;
  expect(model(place).length).toBeGreaterThan(1000);
  expect(model(place) === model(out)).toBe(true);
}, 30_000);
