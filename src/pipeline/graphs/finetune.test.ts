// Fine-tuning and distillation of graph artifacts, on what PyTorch exported and on graphs whose truth is known.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { around, clicks, fetchFrom, numbers, runtime } from "../../../test/fine-tuning.ts";
import { growTables } from "../../../test/grown-tables.ts";
import { type ForeignArtifact, openForeign } from "../../artifact/foreign.ts";
import { sealJson } from "../../artifact/sealed-json.ts";
import { UserError } from "../../base/errors.ts";
import { createRng } from "../../base/rng.ts";
import type { RawTable } from "../../data/raw-table.ts";
import { type Builder, buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { float32, int64 } from "../../graph/tensor.ts";
import { verify } from "../../graph/verify.ts";
import { parseOptions } from "../../kinds/options.ts";
import { openKernels } from "../../node/threads.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { importModel } from "../import-model.ts";
import { registry } from "../registry.ts";
import { rowFeeds } from "../row-feeds.ts";
import { type Files, noStore, type Store } from "../stage.ts";
import { answerOf } from "./answer.ts";
import { logitsByRuntime, qualityOf } from "./answer-rows.ts";
import { compressGraph } from "./compress-graph.ts";
import { finetune } from "./finetune.ts";
import { finetuneOptions } from "./options.ts";

const options = (given: object = {}) => parseOptions(finetuneOptions, given, "finetune");

async function imported(graph: Graph): Promise<ForeignArtifact> {
  const request = { name: "foreign", file: "foreign.onnx", bytes: new Uint8Array(0), graph, roles: {} };
  return openForeign(fetchFrom((await importModel(request, runtime)).files));
}
const decoded = (name: string) => decodeOnnx(readFileSync(`test/fixtures/foreign/${name}.onnx`), name);
const fixture = (name: string) => imported(decoded(name));

const labelsOf = ({ columns }: RawTable) =>
  Float32Array.from((columns.get("click") as { values: Float64Array }).values);

/** Σ w[field, value], with or without a Sigmoid over it (or what `last` makes of the sum). */
async function linear(
  weights: ArrayLike<number>,
  last: (b: Builder, z: string) => string = (_, z) => z,
  rows: string | number = "rows",
) {
  const b = buildGraph("linear", 21);
  const ids = b.input("f", "int64", [rows, 4]);
  const table = b.constant("w", float32([32, 1], Float32Array.from(weights)));
  const own = b.node("Add", [ids, b.constant("offsets", { ...int64(0, 8, 16, 24), dims: [4] })]);
  const sum = b.node("ReduceSum", [b.node("Gather", [table, own]), b.constant("axes", int64(1, 2))], { keepdims: 0 });
  const bias = b.constant("bias", float32([1], new Float32Array(1)));
  b.output(last(b, b.node("Add", [sum, bias])), "float32", [rows]);
  return imported(b.graph);
}

test("zeros of pruned layers stay while the other weights learn", async () => {
  const kernels = await openKernels(1);
  const layers = [{ pass: registry.findForLayers("prune-weights", "layers"), options: { pattern: "2:4" } }];
  const request = { artifact: await fixture("deepfm.dynamo"), name: "pruned", steps: [], layers };
  const pruned = await openForeign(fetchFrom((await compressGraph(request, { kernels, runtime })).files));
  await kernels.close();
  const rows = { file: "rows.csv", table: clicks(1500, 26, "fields", "rows"), label: "click" };
  const given = { artifact: pruned, name: "tuned", ...rows, options: options({ learningRate: 0.02, epochs: 2 }) };
  const { files, notes } = await finetune(given, around);
  expect(notes[1]).toBe("Pruned numbers of mlp.0.weight stay 0.");
  const { graph } = await openForeign(fetchFrom(files));
  const [was, now] = [pruned, { graph }].map((one) => one.graph.initializers.get("mlp.0.weight")!.data as Float32Array);
  expect(was!.filter((w) => w === 0).length).toBe(was!.length / 2);
  expect(was!.every((w, i) => (w === 0) === (now![i] === 0))).toBe(true);
  expect(was!.every((w, i) => w === 0 || w !== now![i])).toBe(true);
});

test("pruned on the way: by a cubic curve to the share that was asked for, which training then keeps", async () => {
  const artifact = await fixture("deepfm.dynamo");
  const rows = { file: "rows.csv", table: clicks(1500, 26, "fields", "rows"), label: "click" };
  const how = options({ learningRate: 0.02, epochs: 4, batch: 64 });
  const pruned = async (given: object) => {
    const layers = [{ pass: registry.findForLayers("prune-weights", "layers"), options: given }];
    const request = { artifact, name: "tuned", ...rows, options: how, steps: { tables: [], layers } };
    const found = await finetune(request, around);
    const { graph } = await openForeign(fetchFrom(found.files));
    return { ...found, weight: graph.initializers.get("mlp.0.weight")!.data as Float32Array };
  };
  const gradual = await pruned({ sparsity: 0.9, schedule: "polynomial", every: 5 });
  expect(gradual.weight.filter((w) => w === 0).length).toBe(Math.round(0.9 * gradual.weight.length));
  // 4 epochs of 19 updates, the last mask before update 38: no epoch before the third may be kept.
  expect(gradual.trained.kept).toBeGreaterThanOrEqual(3);
  expect(gradual.notes[1]).toBe("Pruned numbers of mlp.0.weight stay 0.");
  expect(gradual.after["log-loss"]).toBeLessThan(gradual.untrained!["log-loss"]);
  const { weight, packed } = await pruned({ pattern: "2:4" });
  expect(packed.layers[0]!.encoding).toBe("50 % zeros");
  expect(weight.filter((w) => w === 0).length).toBe(weight.length / 2);
});

test("toward 4-bit rows and 8-bit layers: better than these steps alone, and sealed as they leave it", async () => {
  const large = decoded("deepfm.dynamo");
  growTables(large, 1000);
  const artifact = await imported(large);
  const rows = { file: "rows.csv", table: clicks(1500, 26, "fields", "rows"), label: "click" };
  const steps = {
    tables: [{ pass: registry.find("pass", "int4-row", "passes"), options: {} }],
    layers: [{ pass: registry.findForLayers("quantize-static", "layers"), options: { least: 256 } }],
  };
  const given = { artifact, name: "tuned", ...rows, options: options({ learningRate: 0.02, epochs: 3 }), steps };
  const { files, untrained, after, packed, notes } = await finetune(given, around);
  expect(after["log-loss"]).toBeLessThan(untrained!["log-loss"] - 0.02);
  expect(packed.layers.map(({ name, encoding }) => [name, encoding])).toContainEqual(["mlp.0.weight", "int8, static"]);
  expect(notes.length).toBe(1);
  const { graph, manifest } = await openForeign(fetchFrom(files));
  verify(graph);
  expect(graph.initializers.get("mlp.0.weight.int8")?.dtype).toBe("int8");
  expect(manifest.tables.flatMap(({ encoding }) => encoding ?? [])).toContain("int4-row");
  expect(files["model.onnx"]!.length).toBeLessThan(artifact.manifest.files["model.onnx"]!.bytes);
  expect(manifest.lineage![0]!.options).toMatchObject({
    passes: [{ use: "int4-row" }],
    layers: [{ use: "quantize-static", least: 256 }],
  });
});

describe.each(["deepfm.dynamo", "deepfm.script"])("%s", (name) => {
  test("learns labels it has not seen; weights and tables change, nothing else does; the same seed, the same bytes", async () => {
    const artifact = await fixture(name);
    const table = clicks(1500, 26, "fields", "rows");
    const given = {
      artifact,
      name: "tuned",
      file: "rows.csv",
      table,
      label: "click",
      options: options({ learningRate: 0.02, epochs: 4, freeze: ["mlp.6.*"] }),
    };
    const { files, before, after, notes, weights, tables } = await finetune(given, around);
    expect(notes).toEqual(['"probability" is the Sigmoid of a logit; the logit is learnt.']);
    expect([weights, tables]).toEqual([5, 2]);
    expect(after["log-loss"]).toBeLessThan(before["log-loss"] - 0.02);
    expect(after.auc).toBeGreaterThan(before.auc + 0.05);
    const { graph, manifest } = await openForeign(fetchFrom(files));
    verify(graph);
    expect(graph.nodes.map(({ op }) => op)).toEqual(artifact.graph.nodes.map(({ op }) => op));
    for (const [constant, { data }] of artifact.graph.initializers) {
      const learns = /^(bias|linear|embedding|mlp\.[03])/.test(constant);
      expect([constant, graph.initializers.get(constant)!.data.every((x, i) => x === data[i])]).toEqual([
        constant,
        !learns,
      ]);
    }
    expect(manifest.lineage).toMatchObject([
      { step: "finetune", parent: { name: "foreign", sha256: artifact.manifest.files["model.onnx"]!.sha256 } },
    ]);
    expect(manifest.lineage![0]!.metrics).toEqual({ before, after });
    const again = await finetune(given, around);
    expect(Object.keys(again.files)).toEqual(Object.keys(files));
    for (const [path, bytes] of Object.entries(files)) expect(Buffer.compare(again.files[path]!, bytes)).toBe(0);
  });
});

test("a student taught by the truth beats one that learns from few labels alone", async () => {
  const weight = createRng("truth");
  const teacher = await linear(
    Array.from({ length: 32 }, () => 1.2 * weight.normal()),
    (b, z) => b.node("Sigmoid", [z]),
  );
  const student = await linear(new Float32Array(32).fill(0.01));
  const [few, fresh] = [clicks(300, 4, "f", "few"), clicks(2000, 4, "f", "fresh")];
  const given = { artifact: student, name: "student", file: "few.csv", table: few, label: "click" };
  const how = { learningRate: 0.1, epochs: 15, batch: 32, patience: 15 };
  const quality = async (files: Readonly<Record<string, Uint8Array>>) => {
    const artifact = await openForeign(fetchFrom(files));
    const answer = answerOf(artifact.graph, artifact.manifest);
    return qualityOf(labelsOf(fresh), await logitsByRuntime(answer, rowFeeds(artifact, fresh), runtime, "student"));
  };
  const alone = await finetune({ ...given, options: options(how) }, around);
  const taught = await finetune(
    { ...given, teacher: { artifact: teacher, table: few }, options: options({ ...how, alpha: 1, temperature: 2 }) },
    around,
  );
  expect(taught.teacher!["log-loss"]).toBeLessThan(taught.before["log-loss"]);
  const [without, by] = [await quality(alone.files), await quality(taught.files)];
  expect(by["log-loss"]).toBeLessThan(without["log-loss"] - 0.01);
  expect(by.auc).toBeGreaterThan(without.auc);
});

describe("an output of one number", () => {
  const half = (b: Builder) => b.constant("half", float32([], Float32Array.of(0.01)));
  const most = (b: Builder) => b.constant("most", float32([], Float32Array.of(0.99)));
  test.each<[string, boolean, (b: Builder, z: string) => string]>([
    ["is taken for a logit: no Sigmoid", true, (_, z) => z],
    ["the logit is learnt", true, (b, z) => b.node("Identity", [b.node("Sigmoid", [z])])],
    ["learnt as a probability", false, (b, z) => b.node("Clip", [b.node("Sigmoid", [z]), half(b), most(b)])],
    [
      "is a probability (Reciprocal)",
      false,
      (b, z) => {
        const one = b.constant("one", float32([], Float32Array.of(1)));
        return b.node("Reciprocal", [b.node("Add", [one, b.node("Exp", [b.node("Neg", [z])])])]);
      },
    ],
  ])("%s", async (note, isLogit, last) => {
    const artifact = await linear(new Float32Array(32).fill(0.01), last);
    expect(answerOf(artifact.graph, artifact.manifest)).toMatchObject({ isLogit, note: expect.stringContaining(note) });
    const given = { artifact, name: "tuned", file: "rows.csv", table: clicks(400, 4, "f", "rows"), label: "click" };
    const { before, after } = await finetune({ ...given, options: options({ learningRate: 0.1, epochs: 2 }) }, around);
    expect(after["log-loss"]).toBeLessThan(before["log-loss"]);
  });
});

test("a graph that takes 16 rows at a time, and no fewer, learns and answers for any number", async () => {
  const artifact = await linear(new Float32Array(32).fill(0.01), undefined, 16);
  const given = { artifact, name: "tuned", file: "rows.csv", label: "click" };
  const how = options({ learningRate: 0.1, epochs: 3, batch: 100 });
  const { before, after, rows } = await finetune(
    { ...given, table: clicks(405, 4, "f", "rows"), options: how },
    around,
  );
  expect(rows).toEqual({ learnt: 324, choosing: 41, measured: 40 });
  expect(after["log-loss"]).toBeLessThan(before["log-loss"]);
  await expect(
    finetune({ ...given, table: clicks(30, 4, "f", "rows"), options: { ...how, validation: 0.5 } }, around),
  ).rejects.toThrow(/the graph takes 16 rows at a time, of which 12 are left to learn from/);
});

test("killed after an epoch it goes on after it, to the bytes of one that was not; then it is kept", async () => {
  const artifact = await fixture("deepfm.dynamo");
  const table = clicks(600, 26, "fields", "rows");
  const how = options({ learningRate: 0.02, epochs: 3, batch: 64 });
  const gradual = { sparsity: 0.6, schedule: "polynomial", every: 3, end: 0.6, least: 256 };
  const steps = {
    tables: [],
    layers: [
      { pass: registry.findForLayers("prune-weights", "layers"), options: gradual },
      { pass: registry.findForLayers("quantize-static", "layers"), options: { least: 256 } },
    ],
  };
  const given = { artifact, name: "tuned", file: "rows.csv", table, label: "click", options: how, steps };
  const kept = new Map<string, Files>();
  let left = 2;
  let taken = 0;
  const store: Store = {
    ...noStore,
    read: async (stage, key) => kept.get(`${stage} ${key}`),
    async write(stage, key, files) {
      if (stage === "finetune-unfinished" && left-- === 0) throw new Error("killed");
      kept.set(`${stage} ${key}`, files);
    },
    drop: async (stage, key) => void kept.delete(`${stage} ${key}`),
  };
  const progress = { start: () => ({ step: () => void taken++, end() {} }), stop() {} };
  const whole = await finetune(given, { ...around, progress });
  const perEpoch = taken / 3;
  await expect(finetune(given, { ...around, progress, store })).rejects.toThrow("killed");
  taken = 0;
  const resumed = await finetune(given, { ...around, progress, store });
  expect(taken).toBe(perEpoch);
  const again = await finetune(given, { ...around, progress, store });
  expect(taken).toBe(perEpoch);
  for (const { files, ...said } of [resumed, again]) {
    const { files: wanted, ...rest } = whole;
    expect(said).toEqual({ ...rest, teacher: undefined });
    expect(Object.keys(files)).toEqual(Object.keys(wanted));
    for (const [path, bytes] of Object.entries(wanted)) expect(Buffer.compare(files[path]!, bytes)).toBe(0);
  }
  // Other rows are another training.
  const others = { ...given, table: clicks(600, 26, "fields", "other rows") };
  await finetune(others, { ...around, progress, store });
  expect(taken).toBeGreaterThan(perEpoch);
});

test("a manifest whose lineage is no lineage is refused", async () => {
  const artifact = await linear(new Float32Array(32).fill(0.01));
  const sealed = (lineage: unknown) => openForeign(async () => sealJson({ ...artifact.manifest, lineage }));
  const step = {
    step: "finetune",
    parent: { name: "a", sha256: "b" },
    options: {},
    metrics: { before: {}, after: { auc: "high" } },
  };
  for (const lineage of [{}, [1], [{ ...step, step: "guess" }], [step], [{ ...step, parent: null }]])
    await expect(sealed(lineage)).rejects.toThrow(/manifest\.json: "lineage" is .*, which cannot be/);
});

describe("refused in a sentence", () => {
  const rows = clicks(200, 4, "f", "rows");
  const changed = (name: string, change: (values: Float64Array) => void): RawTable => {
    const values = Float64Array.from((rows.columns.get(name) as { values: Float64Array }).values);
    change(values);
    return { n: rows.n, columns: new Map([...rows.columns, [name, numbers(values)]]) };
  };
  const one = (b: Builder) => b.constant("one", float32([], Float32Array.of(1)));
  const run = async (more: object, last?: (b: Builder, z: string) => string) => {
    const artifact = await linear(new Float32Array(32).fill(0.01), last);
    return finetune(
      { artifact, name: "tuned", file: "rows.csv", table: rows, label: "click", options: options(), ...more },
      around,
    );
  };
  test.each<[string, RegExp, () => Promise<unknown>]>([
    ["no such label", /label "sale": the table has no column "sale"; it has f_0/, () => run({ label: "sale" })],
    [
      "a label of 2",
      /label "click": row 4: must be 0 or 1, got 2/,
      () => run({ table: changed("click", (y) => y.fill(2, 3, 4)) }),
    ],
    [
      "one label alone",
      /are to learn from, all with label 1; give rows of both/,
      () => run({ table: changed("click", (y) => y.fill(1)) }),
    ],
    [
      "an id out of range",
      /row 7: column "f_1" must be a whole number/,
      () => run({ table: changed("f_1", (x) => x.fill(-1, 6, 7)) }),
    ],
    [
      "everything frozen",
      /--freeze: all 2 weights and tables are frozen/,
      () => run({ options: options({ freeze: ["*"] }) }),
    ],
    [
      "a pattern of nothing",
      /--freeze mlp\.\*: nothing that learns is called so/,
      () => run({ options: options({ freeze: ["mlp.*"] }) }),
    ],
    [
      "a rate of nothing",
      /finetune: learningRate must be more than 0, got 0/,
      async () => options({ learningRate: 0 }),
    ],
    [
      "an operator without a gradient",
      /Hardmax .*it has no gradient rule/,
      () => run({}, (b, z) => b.node("Add", [z, b.node("Hardmax", [z], { axis: 0 })])),
    ],
    [
      "divergence",
      /training diverged: the loss of update \d+ is/,
      () =>
        run({ options: options({ optimizer: "sgd", learningRate: 100, batch: 8 }) }, (b, z) =>
          b.node("Sqrt", [b.node("Mul", [z, b.node("Sub", [one(b), z])])]),
        ),
    ],
    [
      "a model that is right already",
      /no epoch made it better on the rows that choose it \(log-loss/,
      () => run({ options: options({ learningRate: 20, epochs: 1 }) }),
    ],
  ])("%s", async (_, sentence, work) => {
    const said = await work().then(
      () => "nothing",
      (error: unknown) => (error instanceof UserError ? error.message : error),
    );
    expect(said).toMatch(sentence);
  });
  test("a teacher over other columns", async () => {
    const teacher = { artifact: await fixture("deepfm.dynamo"), table: rows };
    await expect(run({ teacher })).rejects.toThrow(/teacher: input "fields": the table has no column "fields_0"/);
  });
});
