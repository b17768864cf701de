import { expect, test } from "vitest";
import { withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import { numbersOf } from "../engine/factor-space.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table, type Table } from "../tables/table.ts";
import lowRank from "./low-rank.ts";

const kernels = withKernels();
const rng = createRng("low-rank");
const [users, items, d] = [40, 70, 12];
/** Three strong dimensions, the others weak, mixed. */
const factors = (rows: number) =>
  f32Table(
    rows,
    d,
    Float32Array.from({ length: rows * d }, (_, i) => rng.normal() * (i % d < 3 ? 3 : 0.05)),
  );
const model: Recommender = {
  ...{ query: "user", pool: "sum", items },
  tables: { user: factors(users), item: factors(items) },
};
const run = async (options: object) => {
  const tables = await lowRank.transform(model, lowRank.options.parse(options), { kernels: kernels(), rng });
  return tables as Required<Pick<Recommender["tables"], "user" | "item">> | { refused: string };
};
const kept = async (options: object) => {
  const tables = await run(options);
  if ("refused" in tables) throw new Error(tables.refused);
  return tables;
};
const scoresOf = (user: Table, item: Table) =>
  Float64Array.from({ length: users * items }, (_, at) => {
    const [u, v] = [numbersOf(user), numbersOf(item)];
    let sum = 0;
    for (let c = 0; c < item.cols; c++)
      sum += u[Math.floor(at / items) * item.cols + c]! * v[(at % items) * item.cols + c]!;
    return sum;
  });
const distance = (a: Float64Array, b: Float64Array) => Math.sqrt(a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0));

test("all dimensions give the same scores, fewer give the nearest ones", async () => {
  const scores = scoresOf(model.tables.user!, model.tables.item!);
  const whole = await kept({ rank: d });
  expect(distance(scoresOf(whole.user, whole.item), scores)).toBeLessThan(
    distance(scores, new Float64Array(scores.length)) * 1e-5,
  );
  // Eckart and Young: nothing of rank 3 is nearer, and cutting columns off is no exception.
  const three = await kept({ rank: 3 });
  const cut = (table: Table) =>
    f32Table(
      table.rows,
      3,
      numbersOf(table).filter((_, i) => i % d < 3),
    );
  const nearest = distance(scoresOf(three.user, three.item), scores);
  expect(nearest).toBeLessThan(distance(scoresOf(cut(model.tables.user!), cut(model.tables.item!)), scores));
  expect(nearest).toBeGreaterThan(0);
});

test("energy says how many dimensions stay, and columns come out orthogonal and equally long on both sides", async () => {
  const { user, item } = await kept({ energy: 0.99 });
  expect([user.cols, item.cols]).toEqual([3, 3]);
  const gram = (table: Table, a: number, b: number) => {
    const data = numbersOf(table);
    let sum = 0;
    for (let r = 0; r < table.rows; r++) sum += data[r * 3 + a]! * data[r * 3 + b]!;
    return sum;
  };
  for (const [a, b] of [
    [0, 0],
    [1, 1],
    [2, 2],
    [0, 1],
    [1, 2],
  ] as const) {
    expect(gram(user, a, b) / gram(item, a, a)).toBeCloseTo(a === b ? 1 : 0, 3);
  }
  expect(gram(user, 0, 0)).toBeGreaterThan(gram(user, 1, 1));
});

test("refuses more dimensions than there are, and scores of nothing", async () => {
  expect(await run({ rank: 13 })).toEqual({ refused: "it has 12 dimensions only" });
  const nothing = { ...model, tables: { user: factors(users), item: f32Table(items, d, new Float32Array(items * d)) } };
  const got = await lowRank.transform(nothing, lowRank.options.parse({}), { kernels: kernels(), rng });
  expect(got).toEqual({ refused: "all scores are 0" });
});
