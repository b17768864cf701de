// What every pass over the space of all factors promises, over every factor model that it may meet.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRng } from "../../src/base/rng.ts";
import { numbersOf } from "../../src/engine/factor-space.ts";
import type { PassMethod, Refused, SpacePass } from "../../src/kinds/pass.ts";
import { openKernels } from "../../src/node/threads.ts";
import { all } from "../../src/passes/index.ts";
import { checkRecommender } from "../../src/recommender/check.ts";
import type { Recommender } from "../../src/recommender/recommender.ts";
import { decodeTable } from "../../src/tables/decode.ts";
import { f32Table, type Table } from "../../src/tables/table.ts";

const kernels = await openKernels(1);
const numbers = fc.oneof(
  { weight: 4, arbitrary: fc.float({ noNaN: true, min: -8, max: 8 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, -0, 1, 1e-6, -30.5) },
);
const matrix = (rows: number, cols: number) =>
  fc
    .array(numbers, { minLength: rows * cols, maxLength: rows * cols })
    .map((data) => f32Table(rows, cols, Float32Array.from(data)));

/** By user, by history, and by a history of the items' own rows. */
const models = fc
  .record({
    users: fc.integer({ min: 1, max: 9 }),
    items: fc.integer({ min: 1, max: 20 }),
    d: fc.integer({ min: 1, max: 12 }),
  })
  .chain(({ users, items, d }) =>
    fc.record({
      form: fc.constantFrom("user", "history", "tied"),
      left: matrix(users, d),
      item: matrix(items, d),
      history: matrix(items, d),
      bias: matrix(1, items),
    }),
  )
  .map(({ form, left, item, history, bias }): Recommender => {
    const common = { pool: "sum" as const, items: item.rows };
    if (form === "user") return { ...common, query: "user", tables: { user: left, item, bias } };
    return { ...common, query: "history", tables: { ...(form === "history" && { history }), item, bias } };
  });

const sides = ({ query, tables }: Recommender): [Table, Table] => [
  query === "user" ? tables.user! : (tables.history ?? tables.item!),
  tables.item!,
];
function products(recommender: Recommender): Float64Array {
  const [users, items] = sides(recommender);
  const [u, v] = [decodeTable(users), decodeTable(items)];
  const d = items.cols;
  return Float64Array.from({ length: users.rows * items.rows }, (_, at) => {
    const [r, j] = [Math.floor(at / items.rows), at % items.rows];
    let sum = 0;
    for (let c = 0; c < d; c++) sum += u[r * d + c]! * v[j * d + c]!;
    return sum;
  });
}

const passes = (all as unknown as readonly PassMethod[]).filter((pass): pass is SpacePass => "transform" in pass);

describe.each(passes)("$name", (pass) => {
  const options = pass.options.parse({});
  const transform = (recommender: Recommender): Promise<Recommender["tables"] | Refused> =>
    pass.transform(recommender, options, { kernels, rng: createRng("contract") });
  const refusal = async (recommender: Recommender) =>
    ((await transform(recommender)) as Partial<Refused>).refused ?? "changed it";

  test("is named in kebab case, and its default options parse", () => {
    expect(pass.name).toMatch(/^[a-z0-9-]+$/);
    expect(pass.summary).toMatch(/^[A-Z].*\.$/);
    expect(pass.options.safeParse({ nonsense: 1 }).success).toBe(false);
  });

  test("gives a sound model of no more dimensions, or a reason; scores within its tolerance; twice the same", async () => {
    await fc.assert(
      fc.asyncProperty(models, async (model) => {
        const before = structuredClone(model);
        const tables = await transform(model);
        expect(model).toEqual(before);
        expect(await transform(model)).toEqual(tables);
        if ("refused" in tables) {
          expect((tables as Refused).refused.length).toBeGreaterThan(8);
          return;
        }
        const after = { ...model, tables };
        checkRecommender(after);
        expect(Object.keys(tables)).toEqual(Object.keys(model.tables));
        expect(tables.bias).toBe(model.tables.bias);
        expect(tables.item!.cols).toBeLessThanOrEqual(model.tables.item!.cols);
        const allowed = pass.tolerance(options, ...sides(model)) + 1e-6;
        const [old, now] = [products(model), products(after)];
        now.forEach((score, i) => {
          expect(Math.abs(score - old[i]!)).toBeLessThanOrEqual(allowed);
        });
      }),
      { numRuns: 60 },
    );
  });

  test("refuses what has no factors, an encoder's rows, packed and broken numbers", async () => {
    const item = f32Table(3, 2, Float32Array.of(1, 2, 3, 4, 5, 6));
    const user = f32Table(1, 2, Float32Array.of(1, -1));
    const model: Recommender = { query: "user", pool: "sum", items: 3, tables: { user, item } };
    const bias = f32Table(1, 3, new Float32Array(3));
    expect(await refusal({ ...model, query: "none", tables: { bias } })).toMatch(/no factors of items/);
    const encoder = { nodes: [], weights: {}, length: 3, width: 2, d: 2 } as unknown as NonNullable<
      Recommender["encoder"]
    >;
    expect(await refusal({ ...model, query: "history", tables: { item }, encoder })).toMatch(/an encoder reads/);
    const half = { encoding: "f16", rows: 3, cols: 2, tensors: { data: new Uint16Array(6) } };
    expect(await refusal({ ...model, tables: { user, item: half } })).toMatch(/already f16/);
    const broken = f32Table(
      1,
      2,
      numbersOf(user).map(() => Number.NaN),
    );
    expect(await refusal({ ...model, tables: { user: broken, item } })).toMatch(/not finite/);
  });
});
