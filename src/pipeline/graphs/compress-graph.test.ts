// Packing the tables of graph artifacts, on what PyTorch exported.

import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { growTables } from "../../../test/grown-tables.ts";
import { runGraph } from "../../../test/run-graph.ts";
import { type ForeignArtifact, openForeign } from "../../artifact/foreign.ts";
import { sigmoid } from "../../base/logistic.ts";
import { createRng } from "../../base/rng.ts";
import type { RawColumn, RawTable } from "../../data/raw-table.ts";
import type { Graph } from "../../graph/graph.ts";
import { float32 } from "../../graph/tensor.ts";
import type { TablePass } from "../../kinds/pass.ts";
import { onnxRuntime } from "../../node/onnx-runtime.ts";
import { openKernels } from "../../node/threads.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { inspectModel } from "../../recommender/foreign/inspect.ts";
import { decodeTable } from "../../tables/decode.ts";
import type { Table } from "../../tables/table.ts";
import type { PassStep } from "../compress.ts";
import { importModel } from "../import-model.ts";
import { registry } from "../registry.ts";
import { rowFeeds } from "../row-feeds.ts";
import { sampleFeeds } from "../sample-feeds.ts";
import { noStore } from "../stage.ts";
import { answerOf } from "./answer.ts";
import { logitsByRuntime } from "./answer-rows.ts";
import { compressGraph } from "./compress-graph.ts";
import { finetune } from "./finetune.ts";
import { finetuneOptions } from "./options.ts";
import { layersOf, layerTable, packLayer } from "./pack-layers.ts";
import { copyOf, tableOf } from "./pack-tables.ts";

const runtime = onnxRuntime({ threads: 1 });
const kernels = await openKernels(1);
afterAll(() => kernels.close());
const around = { kernels, runtime };
const step = (use: string, options = {}): PassStep => ({ pass: registry.find("pass", use, "passes"), options });
const fetchFrom = (files: Readonly<Record<string, Uint8Array>>) => async (path: string) => files[path]!;

async function fixture(name: string, more = 0): Promise<ForeignArtifact> {
  const graph = decodeOnnx(readFileSync(`test/fixtures/foreign/${name}.onnx`), name);
  growTables(graph, more);
  const request = { name, file: `${name}.onnx`, bytes: new Uint8Array(0), graph, roles: {} };
  return openForeign(fetchFrom((await importModel(request, runtime)).files));
}

/** Rows of ids, labelled by the model's own probabilities. */
async function labelled(artifact: ForeignArtifact, n: number): Promise<RawTable> {
  const rng = createRng("rows");
  const limits = new Map(
    artifact.manifest.tables.flatMap(({ rows, pickers }) =>
      pickers.map(({ input, offset }) => [input, offset ? 8 : rows]),
    ),
  );
  const columns = artifact.manifest.inputs.flatMap(({ name, dtype, columns: own }) =>
    own.map((column): [string, RawColumn] => {
      const value = () => (/float/.test(dtype) ? rng.normal() : rng.below(Math.min(5, limits.get(name) ?? 5)));
      return [column, { kind: "numbers", values: Float64Array.from({ length: n }, value) }];
    }),
  );
  const table: RawTable = { n, columns: new Map(columns) };
  const answer = answerOf(artifact.graph, artifact.manifest);
  const logits = await logitsByRuntime(answer, rowFeeds(artifact, table), runtime, "labels");
  const label: RawColumn = {
    kind: "numbers",
    values: Float64Array.from(logits, (z) => (rng.uniform() < sigmoid(z) ? 1 : 0)),
  };
  return { n, columns: new Map([...columns, ["click", label]]) };
}

const exported = ["deepfm", "dlrm", "two-tower"].flatMap((name) => [`${name}.dynamo`, `${name}.script`]);

/** Both graphs answer rows made up for `like` alike. */
async function expectAlike(graph: Graph, decoded: Graph, like: Graph): Promise<void> {
  const feeds = sampleFeeds(
    inspectModel(like, () => true),
    64,
    createRng("feeds"),
  );
  const [ours, theirs] = [await runGraph(graph, feeds), await runGraph(decoded, feeds)];
  for (const [output, values] of Object.entries(theirs)) {
    for (const [i, x] of values.entries())
      expect(Math.abs(ours[output]![i]! - x)).toBeLessThan(1e-4 * (1 + Math.abs(x)));
  }
}

describe.each(exported)("%s", (name) => {
  test.each(["fp16", "bf16", "codebook", "int8-row", "int4-row", "int2-row", "levels-row"])(
    "%s answers as the graph over the decoded tables does, and never by DequantizeLinear",
    async (use) => {
      const artifact = await fixture(name, 3000);
      const made = await compressGraph({ artifact, name: "small", steps: [step(use)] }, around);
      const { graph, manifest } = await openForeign(fetchFrom(made.files));
      const decoded = copyOf(artifact.graph);
      for (const { name: table, bytes, encoding, refused } of made.tables) {
        const said = manifest.tables.find((one) => one.name === table)!.encoding;
        expect([said, graph.initializers.has(table) && use !== "fp16"]).toEqual(
          refused ? [undefined, use !== "fp16"] : [encoding, false],
        );
        if (refused) continue;
        expect(bytes.after).toBeLessThan(bytes.before);
        const pass = step(use).pass as TablePass;
        const context = { kernels, rng: createRng("compress").fork(`0/${table}`) };
        const packed = await pass.encode(tableOf(decoded, table) as Table, pass.options.parse({}), context, "item");
        const { dims } = decoded.initializers.get(table)!;
        decoded.initializers.set(table, float32(dims, decodeTable(packed as Table)));
      }
      await expectAlike(graph, decoded, artifact.graph);
      expect(graph.nodes.some(({ op }) => op === "DequantizeLinear")).toBe(false);
      expect(manifest.lineage).toMatchObject([{ step: "compress", parent: { name } }]);
    },
  );
});

describe.each(exported)("%s", (name) => {
  test.each(["fp16", "bf16", "codebook", "int8-row", "int4-row"])(
    "layers by %s answer as the decoded ones do",
    async (use) => {
      const { graph } = await fixture(name);
      const [now, decoded] = [copyOf(graph), copyOf(graph)];
      for (const layer of layersOf(graph)) {
        const { pass } = step(use) as { pass: TablePass };
        const context = { kernels, rng: createRng("layers") };
        const table = await pass.encode(layerTable(graph, layer) as Table, pass.options.parse({}), context, "item");
        if ("refused" in table) continue;
        packLayer(now, layer, table);
        const { dims } = graph.initializers.get(layer)!;
        decoded.initializers.set(layer, float32(dims, decodeTable(table)));
        expect(now.initializers.get(layer)?.dtype).not.toBe("float32");
      }
      expect(now.nodes.length).toBeGreaterThan(graph.nodes.length);
      await expectAlike(now, decoded, graph);
    },
  );
});

test("rows of whole numbers packed twice, or fine-tuned, are refused; int8-row keeps the AUC of labelled rows to .002", async () => {
  const artifact = await fixture("two-tower.dynamo");
  const table = await labelled(artifact, 3000);
  const made = await compressGraph(
    { artifact, name: "small", steps: [step("int8-row")], rows: { file: "rows.csv", table, label: "click" } },
    around,
  );
  expect(made.rows).toBe(3000);
  expect(Math.abs(made.metrics!.after["auc"]! - made.metrics!.before["auc"]!)).toBeLessThan(0.002);
  const again = await openForeign(fetchFrom(made.files));
  await expect(compressGraph({ artifact: again, name: "x", steps: [step("int4-row")] }, around)).rejects.toThrow(
    /already int8-row/,
  );
  const given = {
    artifact: again,
    name: "x",
    file: "rows.csv",
    table,
    label: "click",
    options: finetuneOptions.parse({}),
  };
  const engine = { runtime, openKernels: () => openKernels(1), clock: () => 0 };
  const progress = { start: () => ({ step() {}, end() {} }), stop() {} };
  await expect(finetune(given, { ...engine, progress, store: noStore })).rejects.toThrow(
    /is int8-row, whose numbers cannot learn/,
  );
});

test("refused in a sentence: tables by role, a pass that changes nothing, labels of one kind", async () => {
  const artifact = await fixture("dlrm.dynamo");
  const run = (one: PassStep, rows?: RawTable) =>
    compressGraph(
      { artifact, name: "x", steps: [one], ...(rows && { rows: { file: "rows.csv", table: rows, label: "click" } }) },
      around,
    );
  await expect(run(step("fp16", { tables: ["item"] }))).rejects.toThrow(
    /compress\[0\] \(fp16\): tables name those of a recommender/,
  );
  await expect(run(step("prune-magnitude"))).rejects.toThrow(
    /no table became smaller \(tables\.\d\.weight: ONNX Runtime has no sparse tables/,
  );
  await expect(run(step("rotate"))).rejects.toThrow(/rotate changes factors of users and items together/);
  await expect(run(step("fp16", { bits: 3 }))).rejects.toThrow(/compress\[0\] \(fp16\): there is no option "bits"/);
  const table = await labelled(artifact, 20);
  const ones: RawColumn = { kind: "numbers", values: new Float64Array(20).fill(1) };
  const same = { n: 20, columns: new Map([...table.columns, ["click", ones]]) };
  await expect(run(step("fp16"), same)).rejects.toThrow(/label "click" is the same in all rows/);
});

describe("fields", () => {
  test("the least of them go by labelled rows, the file shrinks as said, and the artifact reads the rest", async () => {
    const artifact = await fixture("two-tower.dynamo");
    const rows = { file: "rows.csv", table: await labelled(artifact, 600), label: "click" };
    const made = await compressGraph({ artifact, name: "small", steps: [], parts: { fields: 0.5 }, rows }, around);
    // Ids of users and items stay, for answers are of them.
    expect(made.parts.map(({ name }) => name)).toEqual(["country", "genre"]);
    const [gone] = made.parts.filter((part) => part.gone);
    const costs = made.parts.map(({ moves }) => moves!);
    expect(gone!.moves).toBeGreaterThan(0);
    expect(costs.every((cost) => Number.isFinite(cost))).toBe(true);
    const left = await openForeign(fetchFrom(made.files));
    expect(left.manifest.inputs.map(({ name }) => name)).toEqual(
      ["user_id", "country", "item_id", "genre"].filter((name) => name !== gone!.name),
    );
    expect(left.manifest.lineage).toMatchObject([{ options: { without: { fields: [gone!.name] } } }]);
    expect(left.manifest.tables).toHaveLength(3);
    const numbers = (of: Graph) => [...of.initializers.values()].reduce((n, { data }) => n + data.byteLength, 0);
    const saved = made.bytes.before - made.bytes.after;
    expect(saved).toBeGreaterThanOrEqual(numbers(artifact.graph) - numbers(left.graph));
    // It scores rows that have only what it reads, and its own answers are those that were measured.
    const { [gone!.name]: _, ...columns } = Object.fromEntries(rows.table.columns);
    const fewer = { n: 600, columns: new Map(Object.entries(columns)) };
    const logits = await logitsByRuntime(answerOf(left.graph, left.manifest), rowFeeds(left, fewer), runtime, "rows");
    expect(logits).toHaveLength(600);
    const again = await compressGraph({ artifact, name: "small", steps: [], parts: { fields: 0.5 }, rows }, around);
    expect(again.files).toEqual(made.files);
  });

  test("by name, before passes and without rows", async () => {
    const artifact = await fixture("deepfm.script");
    const parts = { fields: ["fields_3", "fields_25"] };
    const made = await compressGraph({ artifact, name: "small", steps: [step("fp16")], parts, neurons: 0.5 }, around);
    expect(made.parts.map(({ name, gone }) => [name, gone])).toEqual([
      ["fields_3", true],
      ["fields_25", true],
    ]);
    const left = await openForeign(fetchFrom(made.files));
    expect(left.manifest.inputs[0]).toMatchObject({ shape: ["batch", 24] });
    expect(left.manifest.inputs[0]!.columns).not.toContain("fields_3");
    expect(left.manifest.tables.map(({ rows }) => rows)).toEqual([182, 182]);
  });

  test("refused in a sentence, and the graph stays as it was", async () => {
    const artifact = await fixture("two-tower.dynamo");
    const before = JSON.stringify(artifact.graph.nodes);
    const run = (fields: number | string[], of = artifact) =>
      compressGraph({ artifact: of, name: "x", steps: [], parts: { fields } }, around);
    await expect(run(["contry"])).rejects.toThrow(/it has no fields called "contry".*country/);
    await expect(run(["user_id"])).rejects.toThrow(/it has no fields called "user_id"/);
    await expect(run(["country", "genre"])).rejects.toThrow(/one of its fields has to stay/);
    await expect(run(0.1)).rejects.toThrow(/a share of 0.1 of 2 fields is none/);
    await expect(run(0)).rejects.toThrow(/every one of its fields changes some answer/);
    const nodes = artifact.graph.nodes.map((node) => (node.op === "Concat" ? { ...node, op: "Foo" } : node));
    const foreign = { ...artifact, graph: { ...artifact.graph, nodes } };
    await expect(run(0.5, foreign)).rejects.toThrow(/Foo/);
    expect(JSON.stringify(artifact.graph.nodes)).toBe(before);
  });
});
