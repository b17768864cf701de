import { expect, test } from "vitest";
import { fromRows } from "../../../test/boards.ts";
import { createRng } from "../../base/rng.ts";
import { openSharedKernels } from "../../kernels/open-shared.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { f32Table } from "../../tables/table.ts";
import { pooledStart } from "./pooled-start.ts";

const kernels = await openSharedKernels();
const train = fromRows(
  [
    [0, 1],
    [0, 1, 3],
    [2, 4],
    [2, 3],
  ],
  5,
);
const width = 3;
const rng = createRng(2);
const item = Float32Array.from({ length: train.items * width }, () => rng.normal());
const teacher: Recommender = {
  ...{ query: "user", pool: "sum", items: train.items },
  tables: {
    user: f32Table(train.users, width, new Float32Array(train.users * width).fill(1)),
    item: f32Table(5, width, item),
  },
};
const cosine = (rows: Float32Array, d: number, i: number, j: number) => {
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let x = 0; x < d; x++) sum += rows[a * d + x]! * rows[b * d + x]!;
    return sum;
  };
  return dot(i, j) / Math.sqrt(dot(i, i) * dot(j, j));
};
const start = (from: "teacher" | "signatures", d: number, by: Recommender | undefined = teacher) =>
  pooledStart(kernels, train, by, { from, d, pool: "sqrt", rng: createRng(1) });

test("the teacher's items keep their directions, in as many dimensions or more", async () => {
  for (const d of [width, 8]) {
    const rows = await start("teacher", d);
    for (let i = 0; i < 5; i++)
      for (let j = 0; j < i; j++) expect(cosine(rows, d, i, j)).toBeCloseTo(cosine(item, width, i, j), 4);
  }
});

test("signatures of items that the same users took are one, and of strangers nearly orthogonal", async () => {
  const d = 512;
  const rows = await start("signatures", d, undefined);
  expect(cosine(rows, d, 0, 1)).toBeCloseTo(1, 5);
  expect(Math.abs(cosine(rows, d, 0, 4))).toBeLessThan(0.2);
});

test("rows have one mean size, and users' best scores are 8 on average", async () => {
  const d = 16;
  const rows = await start("teacher", d);
  const sizes = Array.from({ length: 5 }, (_, j) =>
    rows.subarray(j * d, (j + 1) * d).reduce((sum, x) => sum + Math.abs(x), 0),
  );
  for (const size of sizes) expect(size / sizes[0]!).toBeCloseTo(1, 4);
  let total = 0;
  for (let u = 0; u < train.users; u++) {
    const history = train.indices.subarray(train.indptr[u]!, train.indptr[u + 1]!);
    const score = (j: number) =>
      history.reduce((sum, h) => {
        for (let x = 0; x < d; x++) sum += (rows[h * d + x]! * rows[j * d + x]!) / Math.sqrt(history.length);
        return sum;
      }, 0);
    total += Math.max(...Array.from({ length: 5 }, (_, j) => score(j)));
  }
  expect(total / train.users).toBeCloseTo(8, 3);
});

test("a teacher without vectors of items is refused", async () => {
  const popular: Recommender = {
    query: "none",
    pool: "sum",
    items: 5,
    tables: { bias: f32Table(1, 5, new Float32Array(5)) },
  };
  await expect(start("teacher", 4, popular)).rejects.toThrow(/use start: signatures/);
});
