import { expect, test } from "vitest";
import { withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import type { SpacePass } from "../kinds/pass.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { decodeTable } from "../tables/decode.ts";
import { f32Table, type Table, tableBytes } from "../tables/table.ts";
import levelsRow from "./levels-row.ts";
import mixedRows from "./mixed-rows.ts";

const kernels = withKernels();
const [users, items, d] = [150, 800, 32];
const rng = createRng("mixed-rows");
const factors = (rows: number) =>
  f32Table(
    rows,
    d,
    Float32Array.from({ length: rows * d }, () => rng.normal()),
  );
const model: Recommender = {
  query: "user",
  pool: "sum",
  items,
  tables: { user: factors(users), item: factors(items) },
};
/** Few items are met often. */
const met = {
  user: new Int32Array(users).fill(10),
  item: Int32Array.from({ length: items }, (_, i) => Math.floor(2000 / (1 + i))),
};
const run = async (options: object, counts: typeof met | undefined = met) => {
  const pass = mixedRows as unknown as SpacePass;
  const context = { kernels: kernels(), rng: createRng(1), ...(counts && { met: counts }) };
  const tables = await pass.transform(model, pass.options.parse(options), context);
  return tables as { user: Table; item: Table };
};

/** Σ_j met_j (score error)² of some users, as a share of all such squares. */
function loss({ user, item }: { user: Table; item: Table }): number {
  const [u, v, p, q] = [model.tables.user!, model.tables.item!, user, item].map(decodeTable) as Float32Array[];
  let [lost, all] = [0, 0];
  for (let a = 0; a < 40; a++) {
    for (let j = 0; j < items; j++) {
      let [before, after] = [0, 0];
      for (let c = 0; c < d; c++) before += u![a * d + c]! * v![j * d + c]!;
      for (let c = 0; c < item.cols; c++) after += p![a * item.cols + c]! * q![j * item.cols + c]!;
      lost += met.item[j]! * (after - before) ** 2;
      all += met.item[j]! * before ** 2;
    }
  }
  return lost / all;
}

test("fits its budget, and loses less of popular items' scores than the same levels for all", async () => {
  const encode = async (table: Table, name: "user" | "item") => {
    const options = levelsRow.options.parse({ levels: 4, scales: "u8" });
    return (await levelsRow.encode(table, options, { kernels: kernels(), rng }, name)) as Table;
  };
  const even = { user: await encode(model.tables.user!, "user"), item: await encode(model.tables.item!, "item") };
  const bytes = tableBytes(even.user) + tableBytes(even.item) + 400;
  const mixed = await run({ bytes, power: 1 });
  const taken = tableBytes(mixed.user) + tableBytes(mixed.item);
  expect(taken).toBeLessThanOrEqual(bytes);
  expect(taken).toBeGreaterThan(0.9 * bytes);
  expect(loss(mixed)).toBeLessThan(0.75 * loss(even));
});

test("popular rows get no fewer bits, and without counts it still does its work", async () => {
  const mixed = await run({ ratio: 12, bands: 4, power: 1 });
  const bits = mixed.item.bands!.map((band) => tableBytes(band) / band.rows);
  expect(bits[0]).toBeGreaterThan(bits.at(-1)!);
  const blind = await run({ ratio: 12 }, undefined);
  expect(blind.item.encoding).toBe("mixed-rows");
});

test("refuses a budget that the fewest levels exceed", async () => {
  expect(await run({ bytes: 2000 })).toEqual({ refused: "it does not fit in 2.00 KB" });
});
