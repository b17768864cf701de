// Defects put into models on purpose: each is found, where it is, and clean models have none.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { withKernels } from "../../../test/pass-runs.ts";
import { createRng } from "../../base/rng.ts";
import { type Builder, buildGraph } from "../../graph/builder.ts";
import type { Graph } from "../../graph/graph.ts";
import { float32, type GraphTensor, uint8 } from "../../graph/tensor.ts";
import { decodeOnnx } from "../../onnx/decode.ts";
import { lowerToOnnx } from "../../recommender/lower.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { type Finding, findingKinds, ranked } from "../../report/diagnosis.ts";
import { sparseTable } from "../../tables/sparse.ts";
import { f32Table, type Table } from "../../tables/table.ts";
import { applyPasses } from "../compress.ts";
import { registry } from "../registry.ts";
import { examineGraph } from "./graph.ts";
import { examineRecommender } from "./tables.ts";

const rng = createRng("doctor");
const normal = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
const matrix = (rows: number, cols: number, data = normal(rows * cols)) => float32([rows, cols], data);
const told = (findings: readonly Finding[]) => findings.map(({ kind, where }) => `${kind} ${where}`);

/** ids → rows of a table → a layer of 32 → a layer of 8, with what `change` does to it. */
function network(change: (b: Builder, parts: { table: GraphTensor; wide: GraphTensor; narrow: GraphTensor }) => Parts) {
  const b = buildGraph("network", 17);
  b.input("ids", "int64", ["batch"]);
  const parts = change(b, { table: matrix(200, 16), wide: matrix(16, 32), narrow: matrix(32, 8) });
  const rows = () => parts.rows ?? b.node("Gather", [b.constant("table", parts.table!), "ids"], {}, "rows");
  const hidden = parts.hidden ?? b.node("MatMul", [rows(), b.constant("wide", parts.wide!)], {}, "hidden");
  const active = b.node("Relu", [hidden], {}, "active");
  b.node("MatMul", [active, b.constant("narrow", parts.narrow!)], {}, "out");
  b.output("out", "float32", ["batch", 8]);
  return b.graph;
}
interface Parts {
  table?: GraphTensor;
  wide?: GraphTensor;
  narrow?: GraphTensor;
  rows?: string;
  hidden?: string;
}

/** The numbers where `keep` says so, 0 elsewhere. */
const where = (tensor: GraphTensor, keep: (row: number, col: number) => boolean): GraphTensor => {
  const [rows, cols] = tensor.dims as [number, number];
  return matrix(
    rows,
    cols,
    (tensor.data as Float32Array).map((value, i) => (keep(Math.floor(i / cols), i % cols) ? value : 0)),
  );
};
const scale = (b: Builder) => b.constant("scale", float32([], Float32Array.of(0.1)));
const point = (b: Builder) => b.constant("point", uint8([], Uint8Array.of(128)));
const packed = (rows: number, cols: number) =>
  uint8(
    [rows, cols],
    Uint8Array.from({ length: rows * cols }, () => rng.below(256)),
  );

const seeded: Record<string, [expected: string[], Graph]> = {
  nothing: [[], network((_b, parts) => parts)],
  "rows that nothing was learnt of": [
    ["unused-rows table"],
    network((_b, parts) => ({ ...parts, table: where(parts.table, (r) => r >= 20) })),
  ],
  "columns of zeros": [
    ["zero-columns table"],
    network((_b, parts) => ({ ...parts, table: where(parts.table, (_r, c) => c !== 3) })),
  ],
  "a mask over neurons": [
    ["masked-not-sliced wide", "masked-not-sliced narrow"],
    network((_b, parts) => ({
      ...parts,
      wide: where(parts.wide, (_r, c) => c >= 16),
      narrow: where(parts.narrow, (r) => r >= 16),
    })),
  ],
  "zeros here and there": [
    ["sparse-as-dense wide"],
    network((_b, parts) => ({ ...parts, wide: where(parts.wide, (r, c) => (r + c) % 4 === 0) })),
  ],
  "a table unpacked whole": [
    ["dequantized-whole q"],
    network((b, { wide, narrow }) => {
      const whole = b.node("DequantizeLinear", [b.constant("q", packed(200, 16)), scale(b), point(b)]);
      return { wide, narrow, rows: b.node("Gather", [whole, "ids"]) };
    }),
  ],
  "a table exempt from packing": [
    ["exempt-table table"],
    network((b, { table, narrow }) => {
      const rows = b.node("Gather", [b.constant("table", table), "ids"]);
      const weights = b.node("DequantizeLinear", [b.constant("q", packed(16, 32)), scale(b), point(b)]);
      b.graph.initializers.set("q", packed(64, 32));
      const widened = b.node("Concat", [rows, rows, rows, rows], { axis: 1 });
      return { narrow, hidden: b.node("MatMul", [widened, weights]) };
    }),
  ],
  "a pair around an operator without integer form": [
    ["unfused-quantization odd"],
    network((b, { table, wide, narrow }) => {
      const rows = b.node("Gather", [b.constant("table", table), "ids"]);
      const q = b.node("QuantizeLinear", [rows, scale(b), point(b)]);
      const dq = b.node("DequantizeLinear", [q, "scale", "point"]);
      return { wide, narrow, rows: b.node("Erf", [dq], {}, "odd") };
    }),
  ],
  "a pair before float weights": [
    ["unfused-quantization hidden"],
    network((b, { table, wide, narrow }) => {
      const rows = b.node("Gather", [b.constant("table", table), "ids"]);
      const q = b.node("QuantizeLinear", [rows, scale(b), point(b)]);
      const dq = b.node("DequantizeLinear", [q, "scale", "point"]);
      return { narrow, hidden: b.node("MatMul", [dq, b.constant("wide", wide)], {}, "hidden") };
    }),
  ],
  "one operator between casts": [
    ["cast-sandwich middle"],
    network((b, { table, wide, narrow }) => {
      const rows = b.node("Gather", [b.constant("table", table), "ids"]);
      const half = b.node("Cast", [rows], { to: 10 });
      return { wide, narrow, rows: b.node("Cast", [b.node("Tanh", [half], {}, "middle")], { to: 1 }) };
    }),
  ],
  "casts that undo each other": [
    ["cast-sandwich back"],
    network((b, { table, wide, narrow }) => {
      const rows = b.node("Gather", [b.constant("table", table), "ids"]);
      const half = b.node("Cast", [rows], { to: 10 });
      return { wide, narrow, rows: b.node("Cast", [half], { to: 1 }, "back") };
    }),
  ],
  "a constant that nothing reads": [
    ["constant-unused left"],
    network((b, parts) => {
      b.constant("left", matrix(32, 32));
      return parts;
    }),
  ],
  "a constant twice": [
    ["constant-twice again"],
    network((b, { table, wide, narrow }) => {
      const rows = b.node("Gather", [b.constant("table", table), "ids"]);
      const first = b.node("MatMul", [rows, b.constant("first", wide)]);
      const again = b.node("MatMul", [rows, b.constant("again", matrix(16, 32, (wide.data as Float32Array).slice()))]);
      return { narrow, hidden: b.node("Add", [first, again]) };
    }),
  ],
};

test.each(Object.entries(seeded))("in a graph, %s", (_name, [expected, graph]) => {
  const found = examineGraph(graph);
  expect(told(found).sort()).toEqual([...expected].sort());
  for (const { bytes, what, mend } of found) {
    expect(bytes).toBeGreaterThanOrEqual(0);
    expect(`${what} ${mend}`).not.toMatch(/NaN|undefined/);
  }
});

const user = f32Table(50, 8, normal(400));
const recommender = (tables: Recommender["tables"]): Recommender => ({
  query: "user",
  pool: "sum",
  items: 100,
  tables,
});
const item = f32Table(100, 8, normal(800));
describe("in a recommender", () => {
  const sparse = (perRow: number): Table =>
    sparseTable(100, 8, {
      indptr: Int32Array.from({ length: 101 }, (_, r) => r * perRow),
      indices: Int32Array.from({ length: 100 * perRow }, (_, i) => i % perRow),
      values: normal(100 * perRow),
    });
  const rowsOf = (keep: (r: number, c: number) => boolean) =>
    f32Table(100, 8, (where(matrix(100, 8), keep).data as Float32Array).slice());
  const int8 = (rows: number, cols: number): Table => ({
    ...{ encoding: "int8-row", rows, cols },
    tensors: { data: Uint8Array.from({ length: rows * (cols + 8) }, () => rng.below(60)) },
  });

  test.each<[string, string[], Recommender["tables"]]>([
    ["nothing", [], { user, item }],
    ["rows that repeat", ["unused-rows item"], { user, item: rowsOf((r) => r % 4 !== 0) }],
    ["columns of zeros", ["zero-columns item"], { user, item: rowsOf((_r, c) => c < 6) }],
    ["zeros kept as numbers", ["sparse-as-dense item"], { user, item: rowsOf((r, c) => (r + c) % 3 === 0) }],
    ["places that take more than zeros", ["dense-as-sparse item"], { user, item: sparse(8) }],
    ["nothing, of a sparse table", [], { item: sparse(1) }],
    ["a table exempt from packing", ["exempt-table user"], { user, item: int8(100, 8) }],
    ["nothing, of packed tables", [], { user: int8(50, 8), item: int8(100, 8) }],
  ])("%s", (_name, expected, tables) => {
    expect(told(examineRecommender(recommender(tables)))).toEqual(expected);
  });
});

const kernels = withKernels();
describe("clean models have nothing", () => {
  const files = readdirSync("test/fixtures/foreign").filter((file) => file.endsWith(".onnx"));
  test.each(files)("%s, but for the item table that exporters write twice", (file) => {
    const found = examineGraph(decodeOnnx(new Uint8Array(readFileSync(`test/fixtures/foreign/${file}`)), file));
    expect(found.map(({ kind }) => kind)).toEqual(file.startsWith("sasrec") ? ["constant-twice"] : []);
  });

  test.each(registry.pass.map(({ name }) => name).filter((name) => name !== "prune-magnitude"))(
    "tables by %s, as they are and as a graph",
    async (name) => {
      const steps = [{ pass: registry.find("pass", name, "passes"), options: {} }];
      const context = { kernels: kernels(), rng: createRng(name) };
      const small = (await applyPasses(recommender({ user, item }), steps, context)).recommender;
      expect(told(examineRecommender(small))).toEqual([]);
      expect(told(examineGraph(lowerToOnnx(small)))).toEqual([]);
    },
  );
});

test("the costliest comes first, and the README of the doctor knows every kind", () => {
  const one = { where: "here", what: "", mend: "" };
  const [small, none, large] = [
    { kind: "unused-rows", bytes: 5, ...one },
    { kind: "cast-sandwich", bytes: 0, ...one },
    { kind: "constant-twice", bytes: 50, ...one },
  ] as const;
  expect(ranked([none, small, large])).toEqual([large, small, none]);
  const page = readFileSync("docs/doctor.md", "utf8");
  for (const kind of findingKinds) expect(page).toContain(`| \`${kind}\` |`);
});
