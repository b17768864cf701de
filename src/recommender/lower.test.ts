import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { quantisedTable, toHalf } from "../../test/reference-rows.ts";
import { createRng } from "../base/rng.ts";
import { buildGraph } from "../graph/builder.ts";
import { tensorBytes } from "../graph/tensor.ts";
import { decodeOnnx } from "../onnx/decode.ts";
import { encodeOnnx } from "../onnx/encode.ts";
import { codebookTable } from "../tables/codebook.ts";
import { columnCodesTable } from "../tables/column-codes.ts";
import { decodeTable } from "../tables/decode.ts";
import { fromHalf } from "../tables/half.ts";
import type { KeptNumbers } from "../tables/kept-numbers.ts";
import { levelsRowTable } from "../tables/levels-row.ts";
import { mixedRowsTable } from "../tables/mixed-rows.ts";
import { sharedRowsTable } from "../tables/shared-rows.ts";
import { upperHalves } from "../tables/sixteen-bits.ts";
import { sparseTable } from "../tables/sparse.ts";
import { f32Table, type Table, tableBytes } from "../tables/table.ts";
import { turnedTable } from "../tables/turned.ts";
import { vectorTable } from "../tables/vector-codes.ts";
import { type Form, type Forms, formsOf } from "./forms.ts";
import { lowerToOnnx } from "./lower.ts";
import { lowerTable } from "./lower-table.ts";
import { type Pool, poolScale, type Recommender } from "./recommender.ts";

const rng = createRng("lower");
const dense = (rows: number, cols: number) => Float32Array.from({ length: rows * cols }, () => rng.normal());

const makers: Record<string, (rows: number, cols: number) => Table> = {
  f32: (rows, cols) => f32Table(rows, cols, dense(rows, cols)),
  f16: (rows, cols) => ({
    encoding: "f16",
    rows,
    cols,
    tensors: { data: Uint16Array.from(dense(rows, cols), toHalf) },
  }),
  bf16: (rows, cols) => ({ encoding: "bf16", rows, cols, tensors: { data: upperHalves(dense(rows, cols)) } }),
  "int8-row": (rows, cols) => quantisedTable(8, rows, cols, dense(rows, cols), fromHalf),
  "int4-row": (rows, cols) => quantisedTable(4, rows, cols, dense(rows, cols), fromHalf),
  "int2-row": (rows, cols) => quantisedTable(2, rows, cols, dense(rows, cols), fromHalf),
  codebook: (rows, cols) =>
    codebookTable(
      rows,
      cols,
      dense(1, 9),
      Uint8Array.from({ length: rows * cols }, () => rng.below(9)),
    ),
  "levels-row": (rows, cols) => levelsOf(rows, cols, 4),
  "levels-row of 3 levels": (rows, cols) => levelsOf(rows, cols, 3),
  "column-codes": (rows, cols) => columnsOf(rows, cols),
  pq: (rows, cols) => piecesOf(rows, cols, 4),
  rq: (rows, cols) => {
    const codes = Uint8Array.from({ length: rows * 3 }, () => rng.below(7));
    return vectorTable("rq", [rows, cols], 3, codes, halfBooks(3, 7 * cols));
  },
  "rq of 8-bit codebooks": (rows, cols) => {
    const codes = Uint8Array.from({ length: rows * 3 }, () => rng.below(7));
    return vectorTable("rq", [rows, cols], 3, codes, byteBooks(3, 7 * cols));
  },
  "pq of one codebook": (rows, cols) => piecesOf(rows, cols, 1),
  "pq of 8-bit codebooks": (rows, cols) => piecesOf(rows, cols, 4, byteBooks),
  "pq of one 8-bit codebook": (rows, cols) => piecesOf(rows, cols, 1, byteBooks),
  "turned pq": (rows, cols) => turnedTable(piecesOf(rows, cols, 4), halfBooks(1, cols * cols)[0]!),
  "turned int4-row, its rotation in 8 bits": (rows, cols) =>
    turnedTable(makers["int4-row"]!(rows, cols), byteBooks(1, cols * cols)[0]!),
  "mixed-rows": (rows, cols) => mixedOf(rows, cols, ["int8-row", "levels-row", "f16"]),
  sparse: (rows, cols) => sparseOf(rows, cols, 0.2),
};

function mixedOf(rows: number, cols: number, forms: readonly string[]): Table {
  const taken = forms.slice(0, rows);
  const band = Uint8Array.from({ length: rows }, (_, r) => r % taken.length);
  const within = taken.map((form, k) => makers[form]!(band.filter((b) => b === k).length, cols));
  return mixedRowsTable(band, within);
}

function levelsOf(rows: number, cols: number, count: number): Table {
  const scales = Uint16Array.from({ length: rows }, () => toHalf(rng.uniform() + 0.1));
  const levels = Uint16Array.from({ length: count }, () => toHalf(rng.normal()));
  const indices = Uint8Array.from({ length: rows * cols }, () => rng.below(count));
  return levelsRowTable(rows, cols, levels, { scales }, indices);
}

const halfBooks = (books: number, length: number): KeptNumbers[] =>
  Array.from({ length: books }, () => ({ numbers: Uint16Array.from({ length }, () => toHalf(rng.normal())) }));

const byteBooks = (books: number, length: number): KeptNumbers[] =>
  Array.from({ length: books }, () => ({
    numbers: Uint8Array.from({ length }, () => rng.below(256)),
    scale: Math.fround(rng.uniform() / 64),
  }));

function piecesOf(rows: number, cols: number, books: number, kept = halfBooks): Table {
  const parts = Math.min(4, cols);
  const codes = Uint8Array.from({ length: rows * parts }, () => rng.below(9));
  return vectorTable("pq", [rows, cols], parts, codes, kept(books === 1 ? 1 : parts, 9 * Math.ceil(cols / parts)));
}

function columnsOf(rows: number, cols: number): Table {
  const columns = Array.from({ length: cols }, (_, c) => ({
    levels: Uint16Array.from({ length: 1 + (c % 5) }, () => toHalf(rng.normal())),
    indices: Uint8Array.from({ length: rows }, () => rng.below(1 + (c % 5))),
  }));
  return columnCodesTable(rows, columns, { scales: Uint16Array.from({ length: rows }, () => toHalf(rng.uniform())) });
}

function sparseOf(rows: number, cols: number, density: number): Table {
  const indptr = new Int32Array(rows + 1);
  const indices: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if (rng.uniform() < density) indices.push(c);
    indptr[r + 1] = indices.length;
  }
  return sparseTable(rows, cols, { indptr, indices: Int32Array.from(indices), values: dense(1, indices.length) });
}

/** The formula of recommender.ts, number by number. */
function evaluate({ tables, pool, items }: Recommender, query: { user?: number; history?: number[] }): number[] {
  const read = (table?: Table) => (table ? decodeTable(table) : undefined);
  const [user, item, gain, bias] = [read(tables.user), read(tables.item), read(tables.gain), read(tables.bias)];
  const source = query.history ? (tables.history ?? tables.item)! : tables.user;
  const width = source?.cols ?? 0;
  let q = [
    ...(query.history
      ? new Float32Array(width)
      : (user?.subarray(query.user! * width, (query.user! + 1) * width) ?? [])),
  ];
  if (query.history) {
    const rows = decodeTable(source!);
    const scale = poolScale(pool, query.history.length);
    for (const h of query.history) q = q.map((x, c) => x + rows[h * width + c]! * scale);
  }
  return Array.from({ length: items }, (_, j) => {
    let score = source ? q[j]! : 0;
    if (item) score = q.reduce((sum, x, c) => sum + x * item[j * width + c]!, 0);
    return score * (gain?.[j] ?? 1) + (bias?.[j] ?? 0);
  });
}

type Asking = { user?: number; history?: number[] };

async function run(recommender: Recommender, queries: Asking[], forms: Forms = {}): Promise<number[][]> {
  const graph = lowerToOnnx(recommender, forms);
  // It would unpack the whole table at every request.
  expect(graph.nodes.filter(({ op }) => op === "DequantizeLinear")).toEqual([]);
  const bytes = encodeOnnx(graph);
  expect(decodeOnnx(bytes)).toEqual(graph);
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3, intraOpNumThreads: 1 });
  const length = Math.max(...queries.map((q) => q.history?.length ?? 0));
  const feeds =
    recommender.query === "history"
      ? {
          history: new Tensor(
            "int64",
            BigInt64Array.from(queries.flatMap((q) => Array.from({ length }, (_, i) => BigInt(q.history![i] ?? -1)))),
            [queries.length, length],
          ),
        }
      : {
          user: new Tensor(
            "int64",
            BigInt64Array.from(queries, (q) => BigInt(q.user!)),
            [queries.length],
          ),
        };
  const scores = (await session.run(feeds))["scores"]!;
  await session.release();
  expect(scores.dims).toEqual([queries.length, recommender.items]);
  const data = scores.data as Float32Array;
  return queries.map((_, i) => [...data.subarray(i * recommender.items, (i + 1) * recommender.items)]);
}

async function expectSame(recommender: Recommender, queries: Asking[], forms: Forms = {}) {
  const scores = await run(recommender, queries, forms);
  const largest = (row: number[]) => row.reduce((most, score) => Math.max(most, Math.abs(score)), 1);
  queries.forEach((query, i) => {
    const expected = evaluate(recommender, query);
    // 1e-4 is the promise of the export; sums of some tens of float32 products stay well below it.
    scores[i]!.forEach((score, j) => {
      expect(Math.abs(score - expected[j]!)).toBeLessThan(1e-4 * largest(expected));
    });
  });
}

const users = [{ user: 3 }, { user: 0 }, { user: 3 }];
const histories = [{ history: [1, 7, 30] }, { history: [] }, { history: [0, 1, 2, 3, 4, 5] }, { history: [30] }];
const pools: Pool[] = ["sum", "mean", "sqrt"];

describe("scores in ONNX Runtime equal the formula", () => {
  const items = 31;
  for (const [encoding, make] of Object.entries(makers)) {
    test(`${encoding}, query user`, async () => {
      const tables = { user: make(5, 11), item: make(items, 11), gain: make(1, items), bias: make(1, items) };
      await expectSame({ query: "user", pool: "sum", items, tables }, users);
    });
    test(`${encoding}, query history, every pool`, async () => {
      for (const pool of pools) {
        const [history, item] = [make(items, 10), make(items, 10)];
        await expectSame({ query: "history", pool, items, tables: { history, item } }, histories);
        await expectSame({ query: "history", pool, items, tables: { item, bias: make(1, items) } }, histories);
        await expectSame({ query: "history", pool, items, tables: { history: make(items, items) } }, histories);
      }
    });
    test(`${encoding}, query none`, async () => {
      await expectSame({ query: "none", pool: "sum", items, tables: { bias: make(1, items) } }, users);
    });
  }
  test("sparse square tables, padded or expanded, with empty histories only", async () => {
    for (const density of [0, 0.05, 0.9]) {
      const tables = { history: sparseOf(items, items, density), gain: makers["f32"]!(1, items) };
      await expectSame({ query: "history", pool: "mean", items, tables }, histories);
      await expectSame({ query: "history", pool: "mean", items, tables }, [{ history: [] }]);
    }
  });
});

describe("every form of a table scores alike", () => {
  const items = 31;
  const shared = (of: string) => (rows: number, cols: number) =>
    sharedRowsTable(
      Int32Array.from({ length: rows }, () => rng.below(7)),
      makers[of]!(7, cols),
    );
  const all = { ...makers, "shared-rows of int4-row": shared("int4-row"), "shared-rows of f32": shared("f32") };
  for (const [encoding, make] of Object.entries(all)) {
    const known = [false, true].flatMap((products) => formsOf(make(2, 48), { rows: true, products }, true));
    for (const form of new Set(known)) {
      test(`${encoding} as ${form}`, async () => {
        const cols = form === "block-quantized" ? 48 : 11;
        const [user, item] = [make(5, cols), make(items, cols)];
        const byUser: Recommender = { query: "user", pool: "sum", items, tables: { user, item } };
        await expectSame(byUser, users, { user: form, item: form });
        const history: Recommender = { query: "history", pool: "mean", items, tables: { item } };
        await expectSame(history, histories, { item: form });
      });
    }
  }

  test("a form that the table does not have is refused by name", () => {
    const item = makers["f16"]!(items, 8);
    const recommender: Recommender = { query: "history", pool: "sum", items, tables: { item } };
    expect(() => lowerToOnnx(recommender, { item: "integers" })).toThrow(
      'item_table: a f16 table (31 × 8) has no form "integers", it has packed, float32; plan anew.',
    );
  });

  test("operators of one runtime are there on request alone", () => {
    const item = makers["int4-row"]!(items, 16);
    const asked = { rows: true, products: true };
    expect(formsOf(item, asked, false)).not.toContain("block-quantized");
    const domains = (form: Form) =>
      lowerToOnnx({ query: "history", pool: "sum", items, tables: { item } }, { item: form }).domains;
    expect(formsOf(item, asked, true).filter((form) => "com.microsoft" in domains(form))).toEqual(["block-quantized"]);
  });
});

test("packed tables stay small in the file", () => {
  const bytes = (table: Table) =>
    encodeOnnx(lowerToOnnx({ query: "user", pool: "sum", items: 2000, tables: { user: table, item: table } })).length;
  const f32 = bytes(makers["f32"]!(2000, 64));
  expect(bytes(makers["f16"]!(2000, 64))).toBeLessThan(f32 * 0.51);
  expect(bytes(makers["bf16"]!(2000, 64))).toBeLessThan(f32 * 0.51);
  expect(bytes(makers["int8-row"]!(2000, 64))).toBeLessThan(f32 * 0.29);
  expect(bytes(makers["int4-row"]!(2000, 64))).toBeLessThan(f32 * 0.17);
  expect(bytes(makers["int2-row"]!(2000, 64))).toBeLessThan(f32 * 0.11);
  expect(bytes(makers["levels-row"]!(2000, 64))).toBeLessThan(f32 * 0.11);
  expect(bytes(makers["codebook"]!(2000, 64))).toBeLessThan(f32 * 0.26);
  const rows = (encoding: string) => 2 * tableBytes(makers[encoding]!(2000, 64)) + 4000;
  for (const one of ["pq", "pq of 8-bit codebooks", "rq of 8-bit codebooks"])
    expect(bytes(makers[one]!(2000, 64))).toBeLessThan(rows(one));
});

test("an item table that also gives the history's rows is in the file once", () => {
  const item = makers["f32"]!(100, 16);
  const file = encodeOnnx(lowerToOnnx({ query: "history", pool: "mean", items: 100, tables: { item } }));
  expect(file.length).toBeLessThan(100 * 16 * 4 + 2000);
});

test("a table that one model file cannot hold is refused before it is expanded", () => {
  const indptr = new Int32Array(40_001);
  const wide = Int32Array.from({ length: 25_000 }, (_, i) => i);
  indptr.fill(wide.length, 1);
  const history = sparseTable(40_000, 40_000, { indptr, indices: wide, values: new Float32Array(wide.length) });
  expect(() => lowerToOnnx({ query: "history", pool: "sum", items: 40_000, tables: { history } })).toThrow(
    /2 GB at most/,
  );
});

test.each([
  ["codebook", 9, 2],
  ["int4-row", 16, 2],
])("%s of %i levels: %i numbers a byte in the export, scales in 16 bits", (encoding, _levels, inByte) => {
  const b = buildGraph("small", 21);
  const table = makers[encoding]!(1000, 10);
  lowerTable(b, "table", table).rows(b.input("ids", "int64", ["n"]));
  const bytes = [...b.graph.initializers.values()].reduce((sum, tensor) => sum + tensorBytes(tensor).length, 0);
  const scales = encoding === "int4-row" ? 4 : 0;
  expect(bytes).toBeLessThan(1000 * (10 / inByte + scales) + 256 * inByte * 4 + 200);
});
