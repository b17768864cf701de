// The whole click flow over a small table: what it learns, what it leaves, and that a kill changes no byte.

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { contents, scratch } from "../../../test/cli/distilrec.ts";
import { brief, clickRecipe, inRun, writeClicks } from "../../../test/clicks/click-table.ts";
import { UserError } from "../../base/errors.ts";
import { clickMetrics } from "../../data/click-metrics/index.ts";
import { openColumns } from "../../data/columns/columns.ts";
import { openForeignFolder } from "../../node/artifact-folder.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { createReader } from "../../node/reader.ts";
import type { ClickResults } from "../../report/clicks/results.ts";
import type { Surroundings } from "../surroundings.ts";
import { parseClickRecipe } from "./recipe.ts";
import { runClicks } from "./run.ts";
import { columnsToRead, scoreWithNetwork } from "./score-network.ts";

const { folder, remove } = scratch();
afterAll(remove);
writeClicks(folder);
const recipe = (change: object = {}) => parseClickRecipe({ ...clickRecipe(), ...change }, "clicks.yaml");
const out = join(folder, "calm");
let results: ClickResults;
beforeAll(async () => {
  results = await inRun(folder, out, (around) => runClicks(recipe(), around));
}, 30_000);

test("it finds what there is to find, and says what it costs", () => {
  const [network] = results.networks;
  expect(network!.metrics["auc"]).toBeGreaterThan(0.79);
  expect(network!.metrics["auc"]).toBeLessThan(0.97);
  expect(Object.keys(network!.metrics)).toEqual(Object.keys(clickMetrics));
  expect(network!.curve.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6]);
  // (14 + 17) rows of 4 and 1, and tags' own 11 of 4 and 1; both have rows for the missing and the unknown.
  expect(network!.cost.parameters.tables).toBe((14 + 17 + 11) * 5);
  const { flops, bytes, latency, tables, memory, energy } = network!.cost;
  const all = [flops.perRow, bytes.raw, bytes.brotli, tables[0]!.gzip, memory.process!.bytes, energy.joulesPerThousand];
  for (const cost of [...all, ...latency.map(({ p50 }) => p50)]) expect(cost).toBeGreaterThan(0);
  const timed = latency.map(({ runtime, batch }) => `${runtime} ${batch}`);
  expect(timed).toEqual(["node", "wasm"].flatMap((one) => [1, 8, 64, 256].map((batch) => `${one} ${batch}`)));
  expect(results.clicklog).toMatchObject({ train: { rows: 900 }, validation: { rows: 300 }, test: { rows: 300 } });
});

test("without the WebAssembly runtime, or where it refuses a network, the rest is measured and the reason is said; energy, too, where it can be", async () => {
  const refuses = { open: () => Promise.reject(new UserError("It knows no such operator.")) };
  for (const [web, why] of [
    [undefined, "onnxruntime-web is not installed"],
    [refuses, "It knows no such operator."],
  ] as const) {
    // A processor that takes 10 W and tells.
    const { networks } = await inRun(folder, join(folder, "no-web"), (around) => {
      const meter = { ...around.meter, joules: () => 10 * around.meter.clock() };
      return runClicks(recipe(), { ...brief(around), meter, webRuntime: async () => web });
    });
    const { latency, missing, energy } = networks[0]!.cost;
    expect(energy).toMatchObject({ found: "measured" });
    expect(energy.joulesPerThousand / (10 * latency[0]!.p50)).toBeGreaterThan(0.5);
    expect(latency.map(({ runtime }) => runtime)).toEqual(["node", "node", "node", "node"]);
    expect(missing).toContainEqual({ what: "latency on WebAssembly", why });
  }
}, 30_000);

test("it leaves results, a report and an artifact, and nothing unfinished", () => {
  expect(JSON.parse(readFileSync(join(out, "results.json"), "utf8"))).toEqual(results);
  expect(readFileSync(join(out, "report.html"), "utf8")).toMatch(/^<!doctype html>/);
  expect(readdirSync(join(out, "artifacts", "machine")).sort()).toEqual([
    "columns.json",
    "manifest.json",
    "model.onnx",
  ]);
  expect(readdirSync(join(out, "stages")).map((name) => name.replace(/-[0-9a-f]{16}$/, ""))).toEqual([
    "artifact",
    "clicks",
    "memory",
    "network",
    "weigh",
  ]);
});

test("the artifact scores raw rows as the run did; what training never saw has a probability too", async () => {
  const { manifest, graph, columns } = await openForeignFolder(join(out, "artifacts", "machine"));
  expect(manifest.trained).toMatchObject({ network: "deepfm", seed: 1, metrics: results.networks[0]!.metrics });
  expect(manifest.inputs.map(({ name, columns: from }) => [name, from])).toEqual([
    ["ids", ["user", "item"]],
    ["numeric", ["price"]],
    ["bag.tags", ["tags"]],
    ["bag.tags.mask", ["tags"]],
  ]);
  const mapping = { format: "csv", header: true, columns: columnsToRead(columns!, {}) } as const;
  const table = await createReader().rows(join(folder, "clicks.csv"), mapping);
  const { rows } = await scoreWithNetwork(graph, columns!, table, onnxRuntime({ threads: 1 }));
  expect(rows).toHaveLength(1500);
  const labels = readFileSync(join(folder, "clicks.csv"), "utf8").trim().split("\n").slice(1);
  const test = rows.slice(1200).map(([, p], i) => [Number(p), Number(labels[1200 + i]!.split(",")[4])] as const);
  const loss = test.reduce((sum, [p, y]) => sum - Math.log(y === 1 ? p : 1 - p), 0) / test.length;
  expect(loss).toBeCloseTo(results.networks[0]!.metrics["log-loss"]!, 4);
  const words = (word: string) => ({ kind: "words", words: [word], code: Int32Array.of(0) }) as const;
  const strange = new Map([
    ["user", words("nobody")],
    ["item", words("nothing")],
    ["price", words("3")],
    ["tags", words("new")],
  ]);
  const { rows: one } = await scoreWithNetwork(
    graph,
    columns!,
    { n: 1, columns: strange },
    onnxRuntime({ threads: 1 }),
  );
  expect(Number(one[0]![1])).toBeGreaterThan(0);
});

test("columns of another network are refused", async () => {
  const { graph } = await openForeignFolder(join(out, "artifacts", "machine"));
  const other = openColumns([{ kind: "category", column: "x", words: ["a"] }], "columns.json");
  const words = { kind: "words", words: ["a"], code: Int32Array.of(0) } as const;
  const table = { n: 1, columns: new Map([["x", words]]) };
  await expect(scoreWithNetwork(graph, other, table, onnxRuntime({ threads: 1 }))).rejects.toThrow(
    /reads "numeric", which its columns do not give/,
  );
});

/** Surroundings whose disk dies at the n-th unfinished state. */
function dying(around: Surroundings, n: number): Surroundings {
  let left = n;
  const write: Surroundings["store"]["write"] = async (stage, key, files) => {
    if (stage === "network-unfinished" && left-- === 0) throw new Error("killed");
    await around.store.write(stage, key, files);
  };
  return { ...around, store: { ...around.store, write } };
}

test.each([1, 4])("a training killed after %i epochs goes on to the same bytes", async (epochs) => {
  const place = join(folder, `killed-${epochs}`);
  mkdirSync(place);
  const run = (around: Surroundings) => runClicks(recipe(), brief(around));
  await expect(inRun(folder, place, (around) => run(dying(around, epochs)))).rejects.toThrow("killed");
  expect(readdirSync(join(place, "stages")).some((name) => name.startsWith("network-unfinished"))).toBe(true);
  const again = await inRun(folder, place, (around) => run(around));
  expect(again.networks[0]!.curve).toEqual(results.networks[0]!.curve);
  expect(contents(join(place, "artifacts"))).toEqual(contents(join(out, "artifacts")));
  expect(readdirSync(join(place, "stages")).some((name) => name.startsWith("network-unfinished"))).toBe(false);
});

test("without a validation part a tenth of train is held back, and test stays whole", async () => {
  const { clicklog } = clickRecipe() as { clicklog: object };
  const bare = { ...clicklog, holdout: { by: "order", validation: 0, test: 0.2 } };
  const train = { ...(clickRecipe()["train"] as object), epochs: 1, tablesLearningRate: 0.1, accumulate: 2 };
  const networks = [
    { name: "a", use: "lr" },
    { name: "b", use: "dcnv2", d: 4, hidden: [8], rank: 2 },
  ];
  const found = await inRun(folder, join(folder, "bare"), (around) =>
    runClicks(recipe({ clicklog: bare, train, networks, evaluate: { metrics: ["log-loss"] } }), brief(around)),
  );
  expect(found.clicklog).toMatchObject({
    ...{ heldBack: 120, train: { rows: 1080 }, validation: { rows: 120 }, test: { rows: 300 } },
  });
  expect(found.networks.map(({ name, metrics }) => [name, Object.keys(metrics)])).toEqual([
    ["a", ["log-loss"]],
    ["b", ["log-loss"]],
  ]);
});

test.each([
  [
    { clicklog: { ...(clickRecipe()["clicklog"] as object), group: undefined }, train: { metric: "gauc" } },
    /name a group/,
  ],
  [{ columns: [{ kind: "category", column: "colour" }] }, /column "colour": the table has no column "colour"/],
  [{ clicklog: { ...(clickRecipe()["clicklog"] as object), path: "none.csv" } }, /none\.csv/],
  [
    { clicklog: { ...(clickRecipe()["clicklog"] as object), holdout: { by: "order", validation: 0.2, test: 0 } } },
    'evaluate.part is "test", but table has no such part here; give a share of the rows to it.',
  ],
  [
    { clicklog: { ...(clickRecipe()["clicklog"] as object), label: "at", threshold: 0 } },
    "train: all of its 900 rows have label 1; networks need both, to learn and to stop.",
  ],
  [
    { train: { ...(clickRecipe()["train"] as object), optimizer: { use: "sgd", learningRate: 1e30 } } },
    /lower|learning rate/i,
  ],
] as const)("refused in one sentence: %j", async (change, message) => {
  const place = join(folder, "refused");
  const refused = expect(inRun(folder, place, (around) => runClicks(recipe(change), around))).rejects;
  await refused.toThrow(message);
  await refused.toMatchObject({ name: "UserError" });
});
