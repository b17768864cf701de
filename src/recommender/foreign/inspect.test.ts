import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { float32, int64 } from "../../graph/tensor.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { inspectModel } from "./inspect.ts";

const open = (name: string): Graph =>
  decodeOnnx(new Uint8Array(readFileSync(`test/fixtures/foreign/${name}.onnx`)), name);
const inspect = (name: string) => inspectModel(open(name), () => true);

// [inputs as name:role], [outputs], [tables as name rows×cols picked by], form
type Expected = readonly [
  inputs: Record<string, string>,
  output: string,
  tables: readonly string[],
  form: "factors" | "sequence" | "graph",
];
const fields26 = ["embedding.weight 208×4 fields+", "linear.weight 208×1 fields+"];
const models: Record<string, Expected> = {
  "mf-linear": [{ user: "user" }, "scores", ["item.weight 60×8 scores", "user.weight 40×8 user"], "factors"],
  "mf-matmul": [{ user: "user" }, "scores", ["* 60×8 scores", "* 40×8 user"], "factors"],
  "mf-pair": [
    { user: "user", item: "item" },
    "one",
    [
      "item_factors.weight 60×8 item",
      "user_factors.weight 40×8 user",
      "item_bias.weight 60×1 item",
      "user_bias.weight 40×1 user",
    ],
    "factors",
  ],
  deepfm: [{ fields: "categories" }, "one", fields26, "graph"],
  dlrm: [
    { dense: "numeric", sparse: "categories" },
    "one",
    [3, 2, 1, 0].map((f) => `tables.${f}.weight ${[5, 9, 14, 30][f]}×4 sparse[${f}]`),
    "graph",
  ],
  sasrec: [{ item_seq: "sequence" }, "scores", ["item_emb.weight 61×8 item_seq scores"], "sequence"],
  "two-tower": [
    { user_id: "user", country: "category", item_id: "item", genre: "category" },
    "one",
    [
      "item_id.weight 60×8 item_id",
      "user_id.weight 40×8 user_id",
      "genre.weight 9×4 genre",
      "country.weight 6×4 country",
    ],
    "graph",
  ],
};

describe.each(["dynamo", "script"])("by the %s exporter", (exporter) => {
  test.each(Object.entries(models))("%s: roles, tables and form", (name, [inputs, output, tables, form]) => {
    const found = inspect(`${name}.${exporter}`);
    expect(Object.fromEntries(found.inputs.map((input) => [input.name, input.role]))).toEqual(inputs);
    expect(found.outputs.map(({ role }) => role)).toEqual([output]);
    const told = found.tables.map((table, i) => {
      const name = tables[i]?.startsWith("*") ? "*" : table.name;
      const by = table.pickers.map(
        (p) => `${p.input}${p.column === undefined ? "" : `[${p.column}]`}${p.offset ? "+" : ""}`,
      );
      return [`${name} ${table.rows}×${table.cols}`, ...by, ...(table.scores ? ["scores"] : [])].join(" ");
    });
    expect(told).toEqual(tables);
    expect(found.tables.flatMap(({ pickers }) => pickers).some(({ computed }) => computed)).toBe(false);
    expect(found.form).toBe(form);
    expect(found.producer).toMatch(/^pytorch 2\.15\.0/);
    expect(found.work!.flops).toBeGreaterThan(0);
    expect(found.work!.peakBytes).toBeGreaterThan(0);
    expect(found.work!.ops.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(found.bytes);
  });

  test("copies of a tied table are found by their numbers, and counted once", () => {
    const { tables, parameters, dense } = inspect(`sasrec.${exporter}`);
    expect(tables[0]!.copies).toHaveLength(1);
    expect(dense.map(({ name }) => name)).not.toContain(tables[0]!.copies[0]);
    // 61 × 8 items, 10 × 8 positions, two blocks of 8·24+24 + 3·(8·8+8) + 4·8, a last norm; causal mask and constants.
    expect(parameters).toBeGreaterThan(61 * 8 + 80 + 2 * (216 + 216 + 32) + 16);
    expect(parameters).toBeLessThan(2 * 61 * 8 + 80 + 2 * (216 + 216 + 32) + 16);
  });
});

test("an operator without a gradient is named, but only where a weight's gradient must pass", () => {
  const graph = open("sasrec.dynamo");
  const without = (lacking: string[]) => inspectModel(graph, (op) => !lacking.includes(op)).abilities.finetune;
  expect(without(["Equal", "Not"])).toEqual({ can: true, why: "every operator has a gradient" });
  expect(without(["Softmax", "LayerNormalization"])).toEqual({
    can: false,
    why: "no gradient for LayerNormalization, Softmax",
  });
});

test("shares are of all constants", () => {
  const { tables, dense, bytes } = inspect("dlrm.dynamo");
  const sum = tables.reduce((n, table) => n + table.share, 0);
  expect(sum).toBeGreaterThan(0.4);
  expect(sum + dense.reduce((n, one) => n + one.bytes, 0) / bytes).toBeLessThan(1);
});

test("columns of a matrix that Slice and Split take apart", () => {
  const b = buildGraph("columns", 17);
  const fields = b.input("fields", "int64", ["batch", 3]);
  const ints = (...values: number[]) => b.constant("ints", int64(...values));
  const table = (rows: number) => b.constant("table", float32([rows, 2], new Float32Array(rows * 2)));
  const first = b.node("Slice", [fields, ints(0), ints(1), ints(1)]);
  b.graph.nodes.push({
    ...{ name: "split", op: "Split", domain: "", inputs: [fields, ints(1, 1, 1)], attributes: { axis: 1 } },
    outputs: ["zero", "one", "two"],
  });
  const both = b.node("Slice", [fields, ints(0), ints(2), ints(1)]);
  for (const [rows, index] of [
    [9, first],
    [8, "two"],
    [7, both],
  ] as const) {
    b.output(b.node("Gather", [table(rows), index]), "float32", ["batch", "n", 2]);
  }
  const { tables } = inspectModel(b.graph, () => true);
  expect(tables.map(({ rows, pickers }) => [rows, ...pickers])).toEqual([
    [9, { input: "fields", column: 0, offset: false, computed: false }],
    [8, { input: "fields", column: 2, offset: false, computed: false }],
    [7, { input: "fields", offset: false, computed: true }],
  ]);
});
