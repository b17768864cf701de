// One request (scorer) and many (recommendAll) against the formula of recommender.ts, for every form and encoding.

import { expect, test } from "vitest";
import { randomBoard } from "../../test/boards.ts";
import { createRng } from "../base/rng.ts";
import { rowOf } from "../data/interactions.ts";
import { openPageKernels } from "../kernels/open-page.ts";
import type { TablePass } from "../kinds/pass.ts";
import { openKernels } from "../node/threads.ts";
import { all as passes } from "../passes/index.ts";
import { decodeTable } from "../tables/decode.ts";
import { mixedRowsTable } from "../tables/mixed-rows.ts";
import { sparseTable } from "../tables/sparse.ts";
import { f32Table, type Table } from "../tables/table.ts";
import { turnedTable } from "../tables/turned.ts";
import { recommendAll } from "./recommend-all.ts";
import { type Pool, poolScale, type Recommender } from "./recommender.ts";
import { openScorer, scorerBytes } from "./scorer.ts";

const board = randomBoard(5);
const { users, items } = board;
const d = 6;
const rng = createRng("tables");
const random = (rows: number, cols: number) =>
  f32Table(
    rows,
    cols,
    Float32Array.from({ length: rows * cols }, () => rng.normal()),
  );

/** The formula, in float64. */
function formula({ query, pool, tables }: Recommender, user: number): Float64Array {
  const dense = (table: Table | undefined) => table && decodeTable(table);
  const [item, gain, bias] = [dense(tables.item), dense(tables.gain), dense(tables.bias)];
  const source = query === "user" ? tables.user : (tables.history ?? tables.item);
  const width = source?.cols ?? 0;
  const q = new Float64Array(width);
  const rows = query === "user" ? [user] : query === "history" ? [...rowOf(board, user)] : [];
  const scale = query === "user" ? 1 : poolScale(pool, rows.length);
  for (const row of rows) for (let x = 0; x < width; x++) q[x] += scale * decodeTable(source!)[row * width + x];
  return Float64Array.from({ length: items }, (_, j) => {
    let score = query === "none" ? 0 : item ? 0 : q[j];
    if (item) for (let x = 0; x < width; x++) score += q[x] * item[j * width + x];
    return score * (gain?.[j] ?? 1) + (bias?.[j] ?? 0);
  });
}

const kernels = await openKernels(2);
const encoded = async (name: string, table: Table) => {
  const pass = (passes as readonly unknown[] as readonly TablePass[]).find((one) => one.name === name)!;
  const result = await pass.encode(table, pass.options.parse({}), { kernels, rng: createRng(1) }, "item");
  return "refused" in result ? table : result;
};

const forms: [string, Recommender][] = [];
const add = (name: string, form: Omit<Recommender, "items">) => forms.push([name, { ...form, items }]);
add("popularity", { query: "none", pool: "sum", tables: { bias: random(1, items) } });
for (const pool of ["sum", "mean", "sqrt"] as Pool[]) {
  add(`history, ${pool}`, { query: "history", pool, tables: { history: random(items, d), item: random(items, d) } });
  add(`dense item-item, ${pool}`, {
    query: "history",
    pool,
    tables: { history: random(items, items), bias: random(1, items) },
  });
}
add("tied", {
  query: "history",
  pool: "sum",
  tables: { item: random(items, d), gain: random(1, items), bias: random(1, items) },
});
const rows = Array.from({ length: items }, (_, i) => [(i + 1) % items, (i + 3) % items].sort((a, b) => a - b));
const indptr = Int32Array.from({ length: items + 1 }, (_, i) => 2 * i);
const values = Float32Array.from({ length: 2 * items }, () => rng.normal());
const neighbours = sparseTable(items, items, { indptr, indices: Int32Array.from(rows.flat()), values });
add("sparse item-item", { query: "history", pool: "sum", tables: { history: neighbours } });
for (const name of ["fp16", "bf16", "int8-row", "int4-row", "codebook", "levels-row", "pq"]) {
  const wide = 16;
  const [user, history, item] = [random(users, wide), random(items, wide), random(items, wide)];
  const [u, h, i] = [await encoded(name, user), await encoded(name, history), await encoded(name, item)];
  add(`user, ${name}`, { query: "user", pool: "sum", tables: { user: u, item: i } });
  add(`history, ${name}`, { query: "history", pool: "sqrt", tables: { history: h, item: i } });
}
const mixed = async () => {
  const band = Uint8Array.from({ length: items }, (_, r) => r % 3);
  const forms = ["int8-row", "levels-row", "fp16"].map((name, b) =>
    encoded(name, random(band.filter((one) => one === b).length, 32)),
  );
  return mixedRowsTable(band, await Promise.all(forms));
};
add("history, mixed-rows", { query: "history", pool: "mean", tables: { history: await mixed(), item: await mixed() } });
add("tied, mixed-rows", { query: "history", pool: "sum", tables: { item: await mixed() } });

const inTurn = async (name: string) =>
  turnedTable(await encoded(name, random(items, 16)), {
    numbers: Uint8Array.from({ length: 256 }, () => rng.below(256)),
    scale: 1 / 128,
  });
for (const name of ["pq", "int8-row"]) {
  const [history, item] = [await inTurn(name), await inTurn(name)];
  add(`history, turned ${name}`, { query: "history", pool: "mean", tables: { history, item } });
  add(`tied, turned ${name}`, { query: "history", pool: "sum", tables: { item } });
}

test.each(forms)("%s: one request and many give what the formula gives", async (_name, recommender) => {
  const scorer = openScorer(kernels, recommender);
  const everybody = Int32Array.from({ length: users }, (_, u) => u);
  const k = 5;
  const lists = await recommendAll(kernels, recommender, { users: everybody, histories: board, exclude: board, k });
  for (let user = 0; user < users; user++) {
    const history = rowOf(board, user);
    const query = recommender.query === "user" ? { user } : { history };
    const expected = formula(recommender, user);
    const scores = scorer.score(query).slice();
    // float32 sums of a few dozen terms of size 1
    for (let j = 0; j < items; j++) expect(scores[j]).toBeCloseTo(expected[j], 3);
    const answer = scorer.recommend(query, k, history);
    const listed = lists.items.subarray(user * k, (user + 1) * k).filter((item) => item >= 0);
    expect(answer.items.some((item) => history.includes(item))).toBe(false);
    expect(answer.items.length).toBe(Math.min(k, items - history.length));
    // Near ties may be ordered by the last bit: the lists must agree in scores.
    expect([...listed].map((item) => expected[item])).toHaveLength(answer.items.length);
    for (const [r, item] of answer.items.entries()) expect(expected[listed[r]]).toBeCloseTo(expected[item], 3);
  }
  scorer.free();
});

test.each(forms)("%s: a page's memory holds it, and is not much larger", async (_name, recommender) => {
  const most = scorerBytes(recommender);
  const page = await openPageKernels(most);
  const scorer = openScorer(page, recommender);
  for (let user = 0; user < users; user++) {
    const history = rowOf(board, user);
    scorer.recommend(recommender.query === "user" ? { user } : { history }, 5, history);
  }
  expect(page.peakBytes()).toBeLessThanOrEqual(most);
  expect(page.peakBytes()).toBeGreaterThan(most - 4096 - 4 * 6 * items - 64 * 30);
});
