// What every pass over tables promises, over every table that it may meet; space-passes.test.ts has the others.

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeTables, encodeTables } from "../../src/artifact/tables.ts";
import { createRng } from "../../src/base/rng.ts";
import { buildGraph } from "../../src/graph/builder.ts";
import type { Kernels } from "../../src/kernels/kernels.ts";
import type { Encoded, PassMethod, TablePass } from "../../src/kinds/pass.ts";
import { openKernels } from "../../src/node/threads.ts";
import { all } from "../../src/passes/index.ts";
import { type TableName, tableNames } from "../../src/recommender/recommender.ts";
import { checkTable, decodeTable } from "../../src/tables/decode.ts";
import { sparseTable } from "../../src/tables/sparse.ts";
import { f32Table, type Table, tableBytes } from "../../src/tables/table.ts";
import { runGraph } from "../run-graph.ts";

let kernels: Kernels;
beforeAll(async () => {
  kernels = await openKernels(1);
});
afterAll(() => kernels.close());

const numbers = fc.oneof(
  { weight: 4, arbitrary: fc.float({ noNaN: true, min: -8, max: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 1, 1e-6, -300.5, 20_000, 2 ** -24) },
);
const denseTables = fc
  .record({ rows: fc.integer({ min: 1, max: 40 }), cols: fc.integer({ min: 1, max: 70 }) })
  .chain(({ rows, cols }) =>
    fc
      .array(numbers, { minLength: rows * cols, maxLength: rows * cols })
      .map((data) => f32Table(rows, cols, Float32Array.from(data))),
  );
const tables = fc.oneof(
  denseTables,
  denseTables.map((table) => thinned(table)),
);

/** A sparse table of every third number. */
function thinned({ rows, cols, tensors }: Table): Table {
  const data = tensors["data"] as Float32Array;
  const indptr = new Int32Array(rows + 1);
  const kept: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) if ((r * cols + c) % 3 === 0) kept.push(r * cols + c);
    indptr[r + 1] = kept.length;
  }
  const indices = Int32Array.from(kept, (at) => at % cols);
  return sparseTable(rows, cols, { indptr, indices, values: Float32Array.from(kept, (at) => data[at]!) });
}

const copyOf = (table: Table): Table => structuredClone(table);
const refusal = (encoded: Encoded): string | undefined => ("refused" in encoded ? encoded.refused : undefined);

const passes = (all as unknown as readonly PassMethod[]).filter((pass): pass is TablePass => "encode" in pass);

describe.each(passes)("$name", (pass) => {
  const options = pass.options.parse({}) as { tables: readonly TableName[] };
  const encode = async (table: Table, name: TableName = "item", given: unknown = options): Promise<Encoded> =>
    pass.encode(table, given, { kernels, rng: createRng("contract") }, name);

  test("is named after its file, and its default options parse", () => {
    expect(pass.name).toMatch(/^[a-z0-9-]+$/);
    expect(pass.summary).toMatch(/^[A-Z].*\.$/);
    expect(pass.options.safeParse({ nonsense: 1 }).success).toBe(false);
    expect(pass.options.safeParse({ tables: ["items"] }).success).toBe(false);
  });

  test("gives a sound, smaller table of the same shape, or a reason; twice the same; its input untouched", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const before = copyOf(table);
        const encoded = await encode(table);
        expect(table).toEqual(before);
        expect(await encode(table)).toEqual(encoded);
        if ("refused" in encoded) {
          expect(encoded.refused.length).toBeGreaterThan(8);
          return;
        }
        checkTable(encoded);
        expect([encoded.rows, encoded.cols]).toEqual([table.rows, table.cols]);
        expect(tableBytes(encoded)).toBeLessThan(tableBytes(table));
      }),
      { numRuns: 60 },
    );
  });

  test("stays within its tolerance", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const encoded = await encode(table);
        if ("refused" in encoded) return;
        const dense = decodeTable(table);
        const after = decodeTable(encoded);
        const allowed = pass.tolerance(options, dense, table.cols);
        dense.forEach((x, i) => {
          expect(Math.abs(after[i]! - x)).toBeLessThanOrEqual(allowed);
        });
      }),
      { numRuns: 60 },
    );
  });

  test("what it gives survives the artifact's file", async () => {
    await fc.assert(
      fc.asyncProperty(tables, async (table) => {
        const encoded = await encode(table);
        if ("refused" in encoded) return;
        const { file, shapes } = encodeTables({ tables: { item: encoded } });
        expect(decodeTables(file, JSON.parse(JSON.stringify(shapes)))).toEqual({ tables: { item: encoded } });
      }),
      { numRuns: 20 },
    );
  });

  test.runIf(pass.aware)("what graphs learn toward it is within its tolerance, and as it leaves it", async () => {
    const rng = createRng("aware");
    const given = Float32Array.from({ length: 60 * 10 }, (_, i) => (i < 10 ? 0 : i < 20 ? 0.3 : rng.normal() ** 3));
    const b = buildGraph("aware", 21);
    const made = pass.aware!(options).project!(b, b.input("x", "float32", [60, 10]), 1);
    b.output(made, "float32", [60, 10]);
    const x = { dtype: "float32" as const, dims: [60, 10], data: given };
    const projected = Float32Array.from((await runGraph(b.graph, { x }))[made]!);
    const allowed = pass.tolerance(options, given, 10);
    for (const [i, p] of projected.entries()) expect(Math.abs(p - given[i]!)).toBeLessThanOrEqual(allowed);
    const kept = decodeTable((await encode(f32Table(60, 10, projected))) as Table);
    for (const [i, p] of projected.entries()) expect(Math.abs(kept[i]! - p)).toBeLessThan(1e-5);
  });

  test("shrinks a table of a real size, and refuses its own result", async () => {
    const rng = createRng("real");
    const table = f32Table(
      500,
      64,
      Float32Array.from({ length: 32_000 }, () => rng.normal()),
    );
    const encoded = await encode(table);
    expect(refusal(encoded)).toBeUndefined();
    expect(tableBytes(encoded as Table)).toBeLessThan(tableBytes(table) * 0.7);
    expect(refusal(await encode(encoded as Table))).toMatch(/already|would not shrink/);
  });

  test("leaves alone what it is not told to touch", async () => {
    const table = f32Table(40, 64, new Float32Array(2560).fill(1));
    for (const name of tableNames) {
      if (!options.tables.includes(name)) expect(await encode(table, name)).toBe(table);
      const others = tableNames.filter((other) => other !== name);
      expect(await encode(table, name, { ...options, tables: others })).toBe(table);
    }
  });

  test("refuses numbers that are not finite, and takes empty tables", async () => {
    const table = f32Table(2, 64, new Float32Array(128).fill(Number.NaN, 5, 6));
    expect(refusal(await encode(table))).toMatch(/not finite/);
    expect(refusal(await encode(f32Table(0, 64, new Float32Array(0))))).toBeTypeOf("string");
  });
});
