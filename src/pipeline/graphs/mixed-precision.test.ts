// Bits by sensitivity, on a graph of dense layers and on one with tables that PyTorch exported.

import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { denseGraph } from "../../../test/dense-graphs.ts";
import { withKernels } from "../../../test/pass-runs.ts";
import { type ForeignArtifact, openForeign } from "../../artifact/foreign.ts";
import { createRng } from "../../base/rng.ts";
import type { RawColumn, RawTable } from "../../data/raw-table.ts";
import type { Graph } from "../../graph/graph.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { importModel } from "../import-model.ts";
import { rowFeeds } from "../row-feeds.ts";
import { answerOf } from "./answer.ts";
import { logitsByRuntime } from "./answer-rows.ts";
import { type CompressRequest, compressGraph } from "./compress-graph.ts";
import { apart, variance } from "./sensitivity.ts";

const kernels = withKernels();
const runtime = onnxRuntime({ threads: 1 });
const rng = createRng("mixed");
const n = 300;

async function imported(graph: Graph): Promise<ForeignArtifact> {
  const { name } = graph;
  const request = { name, file: `${name}.onnx`, bytes: new Uint8Array(0), graph, roles: {} };
  const { files } = await importModel(request, runtime);
  return openForeign(async (path) => files[path]!);
}

function rowsFor({ manifest }: ForeignArtifact): RawTable {
  const columns = manifest.inputs.flatMap(({ dtype, columns: own }) =>
    own.map((name) => [name, numbers(() => (dtype === "float32" ? rng.normal() : rng.below(5)))] as const),
  );
  return { n, columns: new Map([...columns, ["click", numbers(() => rng.below(2))]]) };
}

const numbers = (value: () => number): RawColumn => ({
  ...{ kind: "numbers", values: Float64Array.from({ length: n }, value) },
});

let artifact: ForeignArtifact;
let table: RawTable;
beforeAll(async () => {
  artifact = await imported(denseGraph("gemm", [48, 96, 64, 1]));
  table = rowsFor(artifact);
});
const compress = (mixed: CompressRequest["mixed"], label?: string) =>
  compressGraph(
    { artifact, name: "mixed", steps: [], mixed, rows: { file: "rows", table, ...(label && { label }) } },
    { kernels: kernels(), runtime },
  );
const logits = async (of: ForeignArtifact) =>
  logitsByRuntime(answerOf(of.graph, of.manifest), rowFeeds(of, table), runtime, "rows");

test("the file fits the bytes given, the least sensitive have the fewest bits, and it comes out the same again", async () => {
  const bytes = Math.round(artifact.manifest.files["model.onnx"]!.bytes / 3);
  const found = await compress({ bytes });
  expect(found.bytes.after).toBeLessThanOrEqual(bytes);
  expect(found.bytes.after).toBeGreaterThan(bytes / 2);
  const kept = new Set(found.sensitivity!.map((one) => one.kept));
  expect(kept.size).toBeGreaterThan(1);
  for (const { tried } of found.sensitivity!) {
    const [, ...less] = tried.map(({ error }) => error);
    expect(less).toEqual(less.toSorted((a, b) => a - b));
  }
  expect((await compress({ bytes })).files).toEqual(found.files);
});

test("answers lose no more than is allowed: their change without labels, AUC with them", async () => {
  const [before, few, more] = [
    await logits(artifact),
    await compress({ maxDrop: 0.002 }),
    await compress({ maxDrop: 0.05 }),
  ];
  const changed = async ({ files }: typeof few) =>
    Math.sqrt(apart(before, await logits(await openForeign(async (path) => files[path]!))) / variance(before));
  expect(await changed(few)).toBeLessThanOrEqual(0.00201);
  expect(await changed(more)).toBeLessThanOrEqual(0.0501);
  expect(more.bytes.after).toBeLessThan(few.bytes.after);
  const { metrics } = await compress({ maxDrop: 0.001 }, "click");
  expect(metrics!.before["auc"]! - metrics!.after["auc"]!).toBeLessThanOrEqual(0.001);
});

test("tables are tried, too; what nodes would add to the file counts", async () => {
  const deepfm = await imported(decodeOnnx(readFileSync("test/fixtures/foreign/deepfm.script.onnx"), "deepfm"));
  const rows = { file: "rows", table: rowsFor(deepfm) };
  const request = { artifact: deepfm, name: "mixed", steps: [], mixed: { maxDrop: 0.05 }, rows };
  const { bytes, sensitivity } = await compressGraph(request, { kernels: kernels(), runtime });
  expect(bytes.after).toBeLessThan(bytes.before);
  expect(new Set(sensitivity!.map(({ kind }) => kind))).toEqual(new Set(["table", "layer"]));
});

test("a budget that cannot be met says what can", async () => {
  await expect(compress({ bytes: 10 })).rejects.toThrow(/^gemm: with every table and layer in the fewest bits/);
  await expect(compress({ maxDrop: 0 })).rejects.toThrow("no table or layer can go to fewer bits within a drop of 0");
  const request = { artifact, name: "mixed", steps: [], mixed: { bytes: 10 } };
  await expect(compressGraph(request, { kernels: kernels(), runtime })).rejects.toThrow("give some by --rows");
});
