import { expect, test } from "vitest";
import { withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { f32Table } from "../tables/table.ts";
import truncate from "./truncate.ts";

const kernels = withKernels();
const cut = (model: Recommender, options: object = {}) =>
  truncate.transform(model, truncate.options.parse(options), { kernels: kernels(), rng: createRng(0) });

const item = f32Table(2, 3, Float32Array.of(1, 2, 3, 4, 5, 6));
const user = f32Table(1, 3, Float32Array.of(7, 8, 9));
const bias = f32Table(1, 2, Float32Array.of(1, -1));
const model: Recommender = { query: "user", pool: "sum", items: 2, tables: { user, item, bias } };

test("keeps the first dimensions of both sides, and the bias", async () => {
  expect(await cut(model)).toEqual({
    user: f32Table(1, 2, Float32Array.of(7, 8)),
    item: f32Table(2, 2, Float32Array.of(1, 2, 4, 5)),
    bias,
  });
  expect(await cut({ ...model, query: "history", tables: { item } }, { dimensions: 1 })).toEqual({
    item: f32Table(2, 1, Float32Array.of(1, 4)),
  });
});

test("refuses to keep all or more", async () => {
  for (const dimensions of [3, 4]) {
    expect(await cut(model, { dimensions })).toEqual({ refused: "it has 3 dimensions only" });
  }
});
