import { expect, test } from "vitest";
import { withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import type { SpacePass } from "../kinds/pass.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { decodeTable } from "../tables/decode.ts";
import { f32Table, type Table, tableBytes } from "../tables/table.ts";
import levelsRow from "./levels-row.ts";
import lowRank from "./low-rank.ts";
import rotate from "./rotate.ts";
import transformCode from "./transform-code.ts";

const kernels = withKernels();
const rng = createRng("transform-code");
const [users, items, d] = [600, 1500, 24];
/** Directions whose strength falls off, mixed by a rotation, and users of many lengths. */
async function model(): Promise<Recommender> {
  const factors = (rows: number, length: () => number) => {
    const lengths = Float32Array.from({ length: rows }, length);
    const numbers = (_: unknown, i: number) => rng.normal() * 0.9 ** (i % d) * lengths[Math.floor(i / d)]!;
    return f32Table(rows, d, Float32Array.from({ length: rows * d }, numbers));
  };
  const tables = { user: factors(users, () => 0.1 + rng.uniform()), item: factors(items, () => 1) };
  const context = { kernels: kernels(), rng };
  const turned = await rotate.transform(
    { query: "user", pool: "sum", items, tables },
    rotate.options.parse({}),
    context,
  );
  return { query: "user", pool: "sum", items, tables: turned as Recommender["tables"] };
}
const run = async (pass: unknown, recommender: Recommender, options: object) => {
  const method = pass as SpacePass;
  const tables = await method.transform(recommender, method.options.parse(options), { kernels: kernels(), rng });
  return tables as { user: Table; item: Table };
};
/** The mean over users of how much of their scores' squares is lost. */
function lossOf(before: Recommender, after: { user: Table; item: Table }): number {
  const read = ({ user, item }: { user: Table; item: Table }) =>
    [decodeTable(user), decodeTable(item), item.cols] as const;
  const [u, v] = read(before.tables as { user: Table; item: Table });
  const [p, q, r] = read(after);
  let total = 0;
  for (let user = 0; user < users; user++) {
    let [lost, all] = [0, 0];
    for (let item = 0; item < items; item++) {
      let [x, y] = [0, 0];
      for (let c = 0; c < d; c++) x += u[user * d + c]! * v[item * d + c]!;
      for (let c = 0; c < r; c++) y += p[user * r + c]! * q[item * r + c]!;
      lost += (x - y) ** 2;
      all += x * x;
    }
    total += lost / all;
  }
  return total / users;
}

test("fits its budget closely and loses far less than the best levels of so many bytes", async () => {
  const before = await model();
  const codes = await run(transformCode, before, { ratio: 12 });
  const bytes = tableBytes(codes.user) + tableBytes(codes.item);
  const budget = (4 * d * (users + items)) / 12;
  expect(bytes).toBeLessThanOrEqual(budget);
  expect(bytes).toBeGreaterThan(budget * 0.97);
  expect(await run(transformCode, before, { ratio: 12 })).toEqual(codes);
  const balanced = await run(rotate, { ...before, tables: await run(lowRank, before, { rank: d }) }, {});
  const levels = async (name: "user" | "item") =>
    (await levelsRow.encode(balanced[name], levelsRow.options.parse({}), { kernels: kernels(), rng }, name)) as Table;
  const rows = { user: await levels("user"), item: await levels("item") };
  expect(tableBytes(rows.user) + tableBytes(rows.item)).toBeGreaterThan(bytes * 0.98);
  expect(lossOf(before, codes)).toBeLessThan(lossOf(before, rows) * 0.6);
}, 30_000);

test("gives users and items as many bits as they are worth, and fewer to fewer bytes", async () => {
  const before = await model();
  const [small, large] = [
    await run(transformCode, before, { ratio: 30 }),
    await run(transformCode, before, { ratio: 10 }),
  ];
  // A user's number is in as many scores as there are items: with fewer users each is worth more.
  expect(tableBytes(large.user) / users).toBeGreaterThan(tableBytes(large.item) / items);
  expect(lossOf(before, small)).toBeGreaterThan(lossOf(before, large));
}, 30_000);

test("refuses a budget that cannot be met", async () => {
  const got = await run(transformCode, await model(), { bytes: 100 });
  expect(got).toEqual({ refused: "it does not fit in 100 B" });
});

test("users whose numbers are next to nothing are a reason, not the end", async () => {
  const user = f32Table(4, 1, Float32Array.of(0, -1.4e-45, 1.4e-45, 0));
  const none: Recommender = {
    query: "user",
    pool: "sum",
    items: 6,
    tables: { user, item: f32Table(6, 1, new Float32Array(6)) },
  };
  const context = { kernels: kernels(), rng: createRng(1) };
  expect(await transformCode.transform(none, transformCode.options.parse({}), context)).toHaveProperty("refused");
});
