// A click run whose networks are calibrated, sliced and compared row by row: what it finds and what it leaves behind.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { scratch } from "../../../test/cli/distilrec.ts";
import { clickRecipe, inRun, writeClicks } from "../../../test/clicks/click-table.ts";
import { auc } from "../../data/click-metrics/auc.ts";
import { clickMetrics } from "../../data/click-metrics/index.ts";
import { standardError } from "../../data/click-metrics/standard-error.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { calibrateNetworks } from "./calibrate-networks.ts";
import { type MeasuredNetwork, measureNetworks } from "./measure-networks.ts";
import { decodePredictions, predictionsPath } from "./predictions.ts";
import { readClicks } from "./read-clicks.ts";
import { parseClickRecipe } from "./recipe.ts";
import { trainNetworks } from "./train-networks.ts";

const { folder, remove } = scratch();
afterAll(remove);
const rowsInTest = 1200;
writeClicks(folder, 5 * rowsInTest);
const network = { use: "deepfm", d: 4, hidden: [16] };
const recipe = (change: object = {}) => {
  const { columns, ...log } = clickRecipe()["clicklog"] as { columns: { column: string }[] };
  // No network reads the time and the price; slices may.
  const read = columns.filter(({ column }) => column !== "price");
  return parseClickRecipe(
    {
      ...clickRecipe(),
      clicklog: { ...log, columns: read },
      networks: [
        { name: "plain", ...network },
        { name: "straight", ...network, calibrate: "platt" },
        { name: "bent", ...network, calibrate: "piecewise-linear" },
      ],
      evaluate: {
        threshold: 0.4,
        slices: [
          { column: "tags", separator: "|", minRows: 150 },
          { column: "price", by: "quantile", buckets: 2 },
          { column: "user", by: "cold", few: 300, minRows: 10 },
          { column: "item", by: "popularity", minRows: 20 },
        ],
      },
      // Too few epochs to be sure enough of itself.
      train: { ...(clickRecipe()["train"] as object), epochs: 2, optimizer: { use: "adam", learningRate: 0.01 } },
      ...change,
    },
    "clicks.yaml",
  );
};
const out = join(folder, "run");

/** The run up to its measures, without what a sealed network costs, which takes seconds to time. */
const measured = (change: object = {}, into = out): Promise<MeasuredNetwork[]> =>
  inRun(folder, into, async (around) => {
    const asked = recipe(change);
    const clicks = await readClicks(asked, around);
    const trained = await trainNetworks(clicks, asked, around);
    return measureNetworks(await calibrateNetworks(trained, clicks, around), clicks, asked, around);
  });
let networks: MeasuredNetwork[];
const named = (name: string) => networks.find(({ network: own }) => own.name === name)!;
beforeAll(async () => {
  networks = await measured();
}, 30_000);

const stagesOf = (stage: string) => readdirSync(join(out, "stages")).filter((name) => name.startsWith(`${stage}-`));

test("networks that differ in their calibration are trained once", () => {
  expect(stagesOf("network")).toHaveLength(1);
  expect(stagesOf("calibration")).toHaveLength(2);
});

test("calibrated probabilities are better, in the same order, and say what they were before", () => {
  const { quality: plain } = named("plain");
  for (const name of ["straight", "bent"]) {
    const { metrics, repair } = named(name).quality;
    expect(repair!.before.metrics).toEqual(plain.metrics);
    expect(repair!.before.calibration).toEqual(plain.calibration);
    expect(metrics["log-loss"]).toBeLessThan(plain.metrics["log-loss"]!);
    expect(metrics["ece"]).toBeLessThan(plain.metrics["ece"]!);
    expect(repair!.newTies).toBe(0);
    expect(Math.abs(metrics["auc"]! - plain.metrics["auc"]!)).toBeLessThan(1e-6);
  }
  expect(["plain", "straight", "bent"].map((name) => named(name).quality.repair?.method)).toEqual([
    ...[undefined, "platt", "piecewise-linear"],
  ]);
});

test("one file holds it: the model's own outputs are the calibrated ones", () => {
  const straight = decodeOnnx(named("straight").onnx, "straight");
  expect(straight.outputs.map(({ name }) => name)).toEqual(["probability", "logits"]);
  expect(straight.nodes.map(({ op }) => op).slice(-3)).toEqual(["Mul", "Add", "Sigmoid"]);
  const bent = decodeOnnx(named("bent").onnx, "bent");
  expect(bent.nodes.slice(-8).map(({ op }) => op)).toEqual([
    ...["Unsqueeze", "Max", "Min", "Sub", "Mul", "ReduceSum", "Add", "Sigmoid"],
  ]);
});

test("predictions of every network are kept: same rows, and metrics and paired differences follow from them", () => {
  const kept = stagesOf("clicks").map((stage) =>
    decodePredictions(readFileSync(join(out, "stages", stage, predictionsPath))),
  );
  expect(kept).toHaveLength(3);
  for (const { predictions, quality } of networks) {
    expect(kept).toContainEqual(predictions);
    expect(predictions.label).toEqual(kept[0]!.label);
    expect(predictions.group).toEqual(kept[0]!.group);
    expect(auc(predictions.label, predictions.score)).toBe(quality.metrics["auc"]);
  }
  const [one, other] = kept.map((rows) => clickMetrics["log-loss"].influence(rows));
  const difference = one!.rows.map((psi, r) => psi - other!.rows[r]!);
  // Of one network under two calibrations most is shared.
  expect(standardError(difference, kept[0]!.group)).toBeLessThan(0.5 * standardError(one!.rows, kept[0]!.group));
});

test("slices follow from any column of the file, read by a network or not", () => {
  const { slices, slicesLeftOut } = named("plain").quality;
  const rows = Object.fromEntries(slices.map(({ name, rows: n }) => [name, n]));
  expect(Object.keys(rows).filter((name) => name.startsWith("price"))).toEqual([
    expect.stringMatching(/^price below 5\.\d+$/),
    expect.stringMatching(/^price from 5\.\d+$/),
  ]);
  expect(rows["user with 1 to 299 rows in train"]! + rows["user with 300 or more rows in train"]!).toBe(rowsInTest);
  expect(["item head", "item mid"].every((name) => name in rows)).toBe(true);
  expect(slices.some(({ name, metrics }) => name === "tags = t1" && metrics["auc"]! > 0.5)).toBe(true);
  expect(Object.keys(slicesLeftOut)).toContain("slices of tags that are too small or too many");
  for (const { metrics, standardError: errors } of slices) {
    expect(Object.values({ ...metrics, ...errors }).every(Number.isFinite)).toBe(true);
  }
});

test("another slice costs no training; a column that is not there is named", async () => {
  const [again] = await measured({ evaluate: { slices: [{ column: "at", by: "quantile", buckets: 2 }] } });
  expect(again!.curve).toEqual(networks[0]!.curve);
  expect(stagesOf("network")).toHaveLength(1);
  expect(again!.quality.slices.map(({ rows }) => rows)).toEqual([rowsInTest]);
  const wrong = { evaluate: { slices: [{ column: "colour" }] } };
  await expect(measured(wrong, join(folder, "wrong"))).rejects.toThrow(/colour/);
});

test("without a word on slices: users by their rows in train, items by popularity", async () => {
  const [usual] = await measured({ evaluate: {} });
  expect(new Set(usual!.quality.slices.map(({ column }) => column))).toEqual(new Set(["user", "item"]));
});
