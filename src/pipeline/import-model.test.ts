import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { openForeign } from "../artifact/foreign.ts";
import { openArtifact } from "../artifact/open.ts";
import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import type { RawColumn, RawTable } from "../data/raw-table.ts";
import { type Builder, buildGraph } from "../graph/builder.ts";
import type { Graph } from "../graph/graph.ts";
import { float32, int64 } from "../graph/tensor.ts";
import { onnxRuntime } from "../node/onnx-runtime.ts";
import { openKernels } from "../node/threads.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { inspectModel } from "../recommender/foreign/inspect.ts";
import { openScorer } from "../recommender/scorer.ts";
import { convertModel } from "./convert-model.ts";
import { differentiable, type ImportRequest, importModel } from "./import-model.ts";
import { scoreRows } from "./score-rows.ts";

interface Case {
  readonly inputs: Record<string, { dims: number[]; data: number[] }>;
  readonly output: { name: string; dims: number[]; data: number[] };
}

const folder = "test/fixtures/foreign";
const cases = JSON.parse(readFileSync(`${folder}/cases.json`, "utf8")) as Record<string, Case>;
const files = readdirSync(folder).filter((file) => file.endsWith(".onnx"));
const named = (...names: string[]) => files.filter((file) => names.includes(file.split(".")[0]!));
const runtime = onnxRuntime({ threads: 1 });

function request(graph: Graph, more: Partial<ImportRequest> = {}): ImportRequest {
  return { name: "foreign", file: "foreign.onnx", bytes: new Uint8Array(0), graph, roles: {}, ...more };
}
const fixture = (file: string) => decodeOnnx(new Uint8Array(readFileSync(`${folder}/${file}`)), file);
const fetchFrom = (made: Readonly<Record<string, Uint8Array>>) => async (path: string) =>
  made[path] ?? Promise.reject(new Error("no such file"));

/** Largest difference from what PyTorch said, which the cases keep to six digits. */
const apart = (ours: ArrayLike<number>, theirs: readonly number[]) =>
  theirs.reduce((most, value, i) => Math.max(most, Math.abs(value - ours[i]!)), 0);

test.each(named("mf-linear", "mf-matmul"))("%s scores all items as PyTorch does", async (file) => {
  const { form, files: made } = await importModel(request(fixture(file)), runtime);
  expect(form).toBe("factors");
  const { recommender, itemIds, userIds } = await openArtifact(fetchFrom(made), { needs: "all" });
  expect([itemIds.length, itemIds[59], userIds?.length]).toEqual([60, "59", 40]);
  const scorer = openScorer(await openKernels(1), recommender);
  const { inputs, output } = cases[file.split(".")[0]!]!;
  for (const [row, user] of inputs["user"]!.data.entries()) {
    expect(apart(scorer.score({ user }), output.data.slice(row * 60, (row + 1) * 60))).toBeLessThan(1e-5);
  }
  scorer.free();
});

test.each(named("mf-pair"))("%s: what is the same for all items of a user is left out, and said", async (file) => {
  const { files: made, notes } = await importModel(request(fixture(file)), runtime);
  expect(notes.join(" ")).toContain("left out: it changes no ranking");
  const { recommender } = await openArtifact(fetchFrom(made), { needs: "all" });
  const graph = fixture(file);
  const userBias = graph.initializers.get("user_bias.weight")!.data as Float32Array;
  const mean = Number(graph.initializers.get("mean")!.data[0]);
  const scorer = openScorer(await openKernels(1), recommender);
  const { inputs, output } = cases["mf-pair"]!;
  const ours = inputs["user"]!.data.map((user, r) => {
    const item = inputs["item"]!.data[r]!;
    return scorer.score({ user })[item]! + userBias[user]! + mean;
  });
  expect(apart(ours, output.data)).toBeLessThan(1e-5);
  scorer.free();
});

test.each(named("sasrec"))("%s becomes a table of items and an encoder that scores as PyTorch does", async (file) => {
  const { form, files: made, notes } = await importModel(request(fixture(file)), runtime);
  expect(form).toBe("sequence");
  expect(notes.join(" ")).toContain("Number 0 fills up short sequences and is no item");
  const { recommender, itemIds } = await openArtifact(fetchFrom(made), { needs: "all" });
  expect([itemIds[0], itemIds.length, recommender.encoder?.length]).toEqual(["1", 60, 10]);
  const scorer = openScorer(await openKernels(1), recommender);
  const { inputs, output } = cases["sasrec"]!;
  for (let row = 0; row < 5; row++) {
    const numbers = inputs["item_seq"]!.data.slice(row * 10, row * 10 + 10).filter((number) => number !== 0);
    const scores = scorer.score({ history: Int32Array.from(numbers, (number) => number - 1) });
    // Column 0 of the graph is the padding's, which is no item.
    expect(apart(scores, output.data.slice(row * 61 + 1, row * 61 + 61))).toBeLessThan(1e-5);
  }
  scorer.free();
});

test("PyTorch's newest opset, with its own attention, becomes an encoder as well", async () => {
  const graph = decodeOnnx(readFileSync("test/fixtures/onnx/sequence-opset23.onnx"));
  const { form, notes } = await importModel(request(graph), runtime);
  expect(form).toBe("sequence");
  expect(notes.at(-1)).toBe("Converted from opset 23 to 21; made-up rows give the same answers.");
});

test("a sequence that is read in another way stays a graph, which scores rows", async () => {
  // The sum of the items' numbers is no embedding and no mask.
  const graph = fixture("sasrec.dynamo.onnx");
  const sum = {
    name: "sum",
    op: "ReduceSum",
    domain: "",
    inputs: ["item_seq", "val_3"],
    outputs: ["sum"],
    attributes: {},
  };
  const cast = { name: "cast", op: "Cast", domain: "", inputs: ["sum"], outputs: ["cast"], attributes: { to: 1 } };
  const zero = { name: "zero", op: "Mul", domain: "", inputs: ["cast", "none"], outputs: ["zero"], attributes: {} };
  graph.initializers.set("none", float32([], new Float32Array(1)));
  const query = graph.nodes.at(-2)!.outputs[0]!;
  const added = { name: "added", op: "Add", domain: "", inputs: [query, "zero"], outputs: ["added"], attributes: {} };
  graph.nodes.splice(-1, 0, sum, cast, zero, added);
  graph.nodes.at(-1)!.inputs[0] = "added";
  const { form, inspection, files: made } = await importModel(request(graph), runtime);
  expect(form).toBe("graph");
  expect(inspection.formWhy).toMatch(/reads the items' numbers in another way/);
  const one = cases["sasrec"]!;
  const { rows } = await scoreRows(await openForeign(fetchFrom(made)), tableOf(one), 61, runtime);
  const ours = new Float32Array(one.output.data.length);
  for (const [row, , item, score] of rows) ours[Number(row) * 61 + Number(item)] = Number(score);
  expect(apart(ours, one.output.data)).toBeLessThan(1e-5);
});

/** The rows of a case as the table that a file of them would be. */
function tableOf({ inputs }: Case): RawTable {
  const columns = new Map<string, RawColumn>();
  let n = 0;
  for (const [name, { dims, data }] of Object.entries(inputs)) {
    const [rows = 0, width = 1] = dims;
    n = rows;
    const numbers = (values: readonly number[]) => ({ kind: "numbers", values: Float64Array.from(values) }) as const;
    const start = Uint32Array.from({ length: rows + 1 }, (_, r) => r * width);
    if (name.endsWith("seq")) columns.set(name, { kind: "lists", start, of: numbers(data) });
    else if (dims.length === 1) columns.set(name, numbers(data));
    else for (let c = 0; c < width; c++) columns.set(`${name}_${c}`, numbers(data.filter((_, i) => i % width === c)));
  }
  return { n, columns };
}

describe.each(named("deepfm", "dlrm", "two-tower"))("%s", (file) => {
  const one = cases[file.split(".")[0]!]!;
  test("stays a graph that scores rows as PyTorch does", async () => {
    const { form, files: made, inspection } = await importModel(request(fixture(file)), runtime);
    expect(form).toBe("graph");
    const opened = await openForeign(fetchFrom(made));
    expect(opened.manifest.tables).toEqual(
      inspection.tables.map(({ name, rows, cols, pickers, copies }) => ({ name, rows, cols, pickers, copies })),
    );
    const { rows } = await scoreRows(opened, tableOf(one), 1, runtime);
    expect(
      apart(
        rows.map((row) => Number(row[1])),
        one.output.data,
      ),
    ).toBeLessThan(1e-5);
  });
});

/** A factor model over inputs called `a` and `b`, made of what `score` adds. */
function pair(score: (b: Builder, p: string, q: string) => string, names = ["user", "item"]): Graph {
  const b = buildGraph("mf", 17);
  const [user = "", item = ""] = names.map((name) => b.input(name, "int64", ["batch"]));
  const table = (rows: number) =>
    float32(
      [rows, 3],
      Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i + rows)),
    );
  const p = b.node("Gather", [b.constant("users", table(5)), user]);
  const q = b.node("Gather", [b.constant("items", table(7)), item]);
  b.output(score(b, p, q), "float32", ["batch"]);
  return b.graph;
}
const dot = (b: Builder, p: string, q: string) =>
  b.node("ReduceSum", [b.node("Mul", [p, q]), b.constant("axes", int64(-1))], { keepdims: 0 });

describe("factors that only a run can tell", () => {
  test("cosine, towers and a Sigmoid become plain tables with the same scores", async () => {
    const unit = (b: Builder, x: string) => b.node("Div", [x, b.node("ReduceL2", [x], { axes: [1], keepdims: 1 })]);
    const graph = pair((b, p, q) => b.node("Sigmoid", [dot(b, unit(b, p), unit(b, b.node("Tanh", [q])))]));
    const { form, notes, files: made } = await importModel(request(graph), runtime);
    expect(form).toBe("factors");
    expect(notes.join(" ")).toContain("The Sigmoid over the scores was left out");
    const { recommender } = await openArtifact(fetchFrom(made), { needs: "all" });
    const item = recommender.tables.item!.tensors["data"] as Float32Array;
    expect(Math.hypot(...item.subarray(0, 3))).toBeCloseTo(1, 6);
  });

  test("what mixes the rows of a batch is not taken for factors", async () => {
    // Subtracting the batch's mean looks like a tower of the user, and is none.
    const mean = (b: Builder, x: string) => b.node("Sub", [x, b.node("ReduceMean", [x], { axes: [0], keepdims: 1 })]);
    const { form, inspection } = await importModel(request(pair((b, p, q) => dot(b, mean(b, p), q))), runtime);
    expect(form).toBe("graph");
    expect(inspection.formWhy).toMatch(/its factors' scores differ from its own by/);
  });
});

test("a graph is converted to opset 21 where it can be, and stays where it cannot", async () => {
  const script = await importModel(request(fixture("dlrm.script.onnx")), runtime);
  const { manifest, graph } = await openForeign(fetchFrom(script.files));
  expect([manifest.source?.opset, graph.opset, script.inspection.opset]).toEqual([17, 21, 17]);
  expect(script.notes.at(-1)).toBe("Converted from opset 17 to 21; made-up rows give the same answers.");
  const later = fixture("dlrm.dynamo.onnx");
  later.opset = 24;
  const lowered = await importModel(request(later), runtime);
  expect((await openForeign(fetchFrom(lowered.files))).graph.opset).toBe(21);
  expect(lowered.notes.at(-1)).toBe("Converted from opset 24 to 21; made-up rows give the same answers.");
  const strange = fixture("dlrm.dynamo.onnx");
  strange.opset = 26;
  strange.nodes.find(({ op }) => op === "Relu")!.op = "Det";
  const stays = convertModel(strange, (graph) => inspectModel(graph, differentiable), runtime, "strange.onnx");
  expect((await stays).graph).toBe(strange);
  expect((await stays).note).toMatch(/^It stays at opset 26: Det .* how opset 21 would say it/);
  const refused = fixture("dlrm.dynamo.onnx");
  refused.opset = 26;
  // ONNX Runtime 1.30 knows opset 26 and has no kernel of this there.
  const relu = refused.nodes.find(({ op }) => op === "Relu")!;
  relu.op = "Swish";
  const unchecked = await importModel(request(refused), runtime);
  expect(unchecked.notes.at(-1)).toMatch(
    /^Converted from opset 26 to 21 without a comparison: foreign.onnx: ONNX Runtime refuses/,
  );
});

describe("a graph that was exported for one batch size", () => {
  const ofSize = (file: string, batch: number): Graph => {
    const graph = fixture(file);
    for (const value of [...graph.inputs, ...graph.outputs]) value.shape = [batch, ...value.shape.slice(1)];
    return graph;
  };

  test("a factor model is the same as without", async () => {
    const { files: free } = await importModel(request(fixture("mf-pair.script.onnx")), runtime);
    const { form, files: made } = await importModel(request(ofSize("mf-pair.script.onnx", 16)), runtime);
    expect(form).toBe("factors");
    expect(made["tables.safetensors"]).toEqual(free["tables.safetensors"]);
  });

  test("rows are scored by as many as it takes", async () => {
    const one = cases["dlrm"]!;
    const { files: made } = await importModel(request(ofSize("dlrm.script.onnx", 3)), runtime);
    const { rows } = await scoreRows(await openForeign(fetchFrom(made)), tableOf(one), 1, runtime);
    expect(
      apart(
        rows.map((row) => Number(row[1])),
        one.output.data,
      ),
    ).toBeLessThan(1e-5);
  });
});

describe("what a person must know or correct", () => {
  const refused = (graph: Graph, more: Partial<ImportRequest>) => importModel(request(graph, more), runtime);
  const ids = (n: number) => Array.from({ length: n }, (_, i) => `id${i}`);

  test("inputs that nothing tells apart are asked for in one sentence", async () => {
    await expect(refused(pair(dot, ["a", "b"]), {})).rejects.toThrow(
      "foreign.onnx: which of its inputs a and b is the user is not known; give --map user=a,item=b or the reverse.",
    );
    const { files: made } = await refused(pair(dot, ["a", "b"]), { roles: { b: "user" } });
    const { recommender } = await openArtifact(fetchFrom(made), { needs: "all" });
    expect([recommender.tables.user!.rows, recommender.items]).toEqual([7, 5]);
  });

  test("a role for an input that is not there", async () => {
    await expect(refused(pair(dot), { roles: { usr: "user" } })).rejects.toThrow(
      'foreign.onnx: --map names input "usr"; its inputs are user, item.',
    );
  });

  test("whole numbers that index nothing", async () => {
    const graph = pair((b, p, q) => {
      const kind = b.node("Cast", [b.input("kind", "int64", ["batch"])], { to: 1 });
      return b.node("Mul", [dot(b, p, q), kind]);
    });
    await expect(refused(graph, {})).rejects.toThrow(
      /what input "kind" \(int64 \[batch\], whole numbers that index no table\) means cannot be told; give --map/,
    );
  });

  test("ids that are not as many as rows", async () => {
    await expect(refused(pair(dot), { itemIds: ids(8) })).rejects.toThrow(
      "foreign.onnx: its table has 7 items, --items gives 8 ids; give one a row, in the model's order.",
    );
    await expect(refused(pair(dot), { userIds: ids(4) })).rejects.toThrow("its table has 5 users, --users gives 4 ids");
    await expect(refused(fixture("sasrec.dynamo.onnx"), { itemIds: ids(59) })).rejects.toThrow(
      "its table has 61 items",
    );
    await expect(refused(fixture("deepfm.dynamo.onnx"), { itemIds: ids(60) })).rejects.toThrow(
      "no input numbers items, so --items names nothing",
    );
  });

  test("NaN in a vector", async () => {
    const graph = pair(dot);
    (graph.initializers.get("items")!.data as Float32Array)[4] = Number.NaN;
    await expect(refused(graph, {})).rejects.toThrow("item 1 has NaN in its vector; train the model again.");
  });

  test("an operator that the runtime does not have", async () => {
    const graph = pair((b, p, q) => b.node("Frobnicate", [dot(b, p, q)]));
    await expect(refused(graph, {})).rejects.toThrow(/ONNX Runtime refuses the model: .*Frobnicate/);
  });
});

test.each(["mf-pair.script.onnx", "sasrec.dynamo.onnx"])(
  "%s with flipped bits is imported or refused in a sentence",
  async (file) => {
    const whole = new Uint8Array(readFileSync(`${folder}/${file}`));
    const rng = createRng(file);
    for (let i = 0; i < 40; i++) {
      const bytes = whole.slice();
      for (let k = rng.below(3); k >= 0; k--) bytes[rng.below(bytes.length)]! ^= 1 << rng.below(8);
      const attempt = async () => importModel(request(decodeOnnx(bytes, file)), runtime);
      const error: unknown = await attempt().then(
        () => undefined,
        (thrown) => thrown,
      );
      expect(error === undefined || error instanceof UserError, `flip ${i}: ${error}`).toBe(true);
    }
  },
);

describe("rows to score", () => {
  const scored = async (name: string, change: (columns: Map<string, RawColumn>) => void, itemIds?: string[]) => {
    const { files: made } = await importModel(request(fixture(`${name}.dynamo.onnx`), { itemIds }), runtime);
    const table = tableOf(cases[name]!);
    change(table.columns as Map<string, RawColumn>);
    return scoreRows(await openForeign(fetchFrom(made)), table, 3, runtime);
  };
  const numbers = (...values: number[]): RawColumn => ({ kind: "numbers", values: Float64Array.from(values) });

  test.each<[string, number, RegExp]>([
    ["beyond the table", 6, /row 3: column "country" must be a whole number from 0 to 5, got 6/],
    ["below 0", -1, /must be a whole number from 0 to 5, got -1/],
    ["not whole", 1.5, /must be a whole number from 0 to 5, got 1\.5/],
    ["missing", Number.NaN, /must be a whole number from 0 to 5, got nothing/],
  ])("a number %s", async (_, bad, reason) => {
    await expect(scored("two-tower", (c) => c.set("country", numbers(0, 1, bad, 3, 4)))).rejects.toThrow(reason);
  });

  test("a column that is not there", async () => {
    await expect(scored("two-tower", (c) => c.delete("genre"))).rejects.toThrow('the table has no column "genre"');
  });

  test("ids where the import named them", async () => {
    const itemIds = Array.from({ length: 60 }, (_, i) => `movie ${i}`);
    const byId = (c: Map<string, RawColumn>) => {
      const rows = Array.from((c.get("item_id") as { values: Float64Array }).values, (row) => `movie ${row}`);
      c.set("item_id", { kind: "words", words: rows, code: Int32Array.from(rows.keys()) });
    };
    const { rows } = await scored("two-tower", byId, itemIds);
    expect(
      apart(
        rows.map((row) => Number(row[1])),
        cases["two-tower"]!.output.data,
      ),
    ).toBeLessThan(1e-5);
    const stranger = { kind: "words", words: ["x"], code: new Int32Array(5) } as const;
    await expect(scored("two-tower", (c) => c.set("item_id", stranger), itemIds)).rejects.toThrow(
      'the model knows no "x"',
    );
  });
});
