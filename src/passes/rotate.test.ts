import { expect, test } from "vitest";
import { withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import { numbersOf } from "../engine/factor-space.ts";
import { levelRotation } from "../engine/learned-rotation.ts";
import { randomRotation } from "../engine/rotations.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { decodeTable } from "../tables/decode.ts";
import { f32Table, type Table } from "../tables/table.ts";
import levelsRow from "./levels-row.ts";
import pq from "./pq.ts";
import rotate from "./rotate.ts";

const kernels = withKernels();

test("a random rotation is orthogonal to float32", () => {
  for (const n of [1, 2, 37, 200]) {
    const turn = randomRotation(n, createRng(n));
    for (let i = 0; i < n; i += 7) {
      for (let j = 0; j < n; j++) {
        let dot = 0;
        for (let c = 0; c < n; c++) dot += turn[i * n + c]! * turn[j * n + c]!;
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 6);
      }
    }
  }
});

test("rows whose numbers lie in few columns lose less to their signs once they are turned", async () => {
  const rng = createRng("rotate");
  const [rows, d] = [200, 64];
  const spiky = Float32Array.from({ length: rows * d }, (_, i) => rng.normal() * (1 + (i % 16)));
  const item = f32Table(rows, d, spiky);
  const context = { kernels: kernels(), rng: createRng(1) };
  const model: Recommender = { query: "history", pool: "sum", items: rows, tables: { item } };
  const turned = await rotate.transform(model, rotate.options.parse({}), context);
  const loss = async (table: Table) => {
    const small = (await levelsRow.encode(table, levelsRow.options.parse({ levels: 2 }), context, "item")) as Table;
    const [before, after] = [numbersOf(table), decodeTable(small)];
    return before.reduce((sum, x, i) => sum + (x - after[i]!) ** 2, 0);
  };
  expect(await loss((turned as { item: Table }).item)).toBeLessThan((await loss(item)) * 0.85);
});

test("a learned rotation finds the one in which rows are signs", async () => {
  const rng = createRng("signs");
  const [rows, d] = [400, 8];
  const hidden = randomRotation(d, rng);
  const signs = Float32Array.from({ length: rows * d }, () => (rng.below(2) ? 1 : -1));
  const product = (a: Float32Array, b: Float32Array) =>
    Float32Array.from({ length: rows * d }, (_, i) => {
      const from = Math.floor(i / d) * d;
      return a.subarray(from, from + d).reduce((sum, x, c) => sum + x * b[c * d + (i % d)]!, 0);
    });
  const table = f32Table(rows, d, product(signs, hidden));
  const loss = (turn: Float32Array) =>
    product(numbersOf(table), turn).reduce((sum, x) => sum + (Math.abs(x) - 1) ** 2, 0);
  const random = randomRotation(d, rng);
  expect(loss(await levelRotation(kernels(), [table], random, 2))).toBeLessThan(loss(random) / 2);
});

test("turned for its pieces, a model loses less to product quantisation than turned at random, and keeps its scores", async () => {
  const rng = createRng("pieces");
  const [rows, d] = [1200, 16];
  const factors = f32Table(
    rows,
    d,
    Float32Array.from({ length: rows * d }, (_, i) => rng.normal() * 0.8 ** (i % d)),
  );
  const model: Recommender = { query: "history", pool: "sum", items: rows, tables: { item: factors } };
  const context = () => ({ kernels: kernels(), rng: createRng(1) });
  const loss = async (options: object) => {
    const turned = (await rotate.transform(model, rotate.options.parse(options), context())) as { item: Table };
    const before = numbersOf(turned.item);
    const lengths = (data: Float32Array) => data.reduce((sum, x) => sum + x * x, 0);
    expect(Math.abs(lengths(before) / lengths(numbersOf(factors)) - 1)).toBeLessThan(1e-5);
    const small = await pq.encode(turned.item, pq.options.parse({ pieces: 4, shared: false }), context(), "item");
    const after = decodeTable(small as Table);
    return before.reduce((sum, x, i) => sum + (x - after[i]!) ** 2, 0);
  };
  expect(await loss({ pieces: 4, shared: false })).toBeLessThan(0.95 * (await loss({})));
});

test("a learned rotation is one, also where rows do not fill the space", async () => {
  const rng = createRng("few");
  for (const [rows, d] of [
    [3, 20],
    [60, 20],
    [1, 1],
  ] as const) {
    const table = f32Table(
      rows,
      d,
      Float32Array.from({ length: rows * d }, () => rng.normal()),
    );
    const turn = await levelRotation(kernels(), [table], randomRotation(d, rng), 3);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        let dot = 0;
        for (let c = 0; c < d; c++) dot += turn[i * d + c]! * turn[j * d + c]!;
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 6);
      }
    }
  }
});
