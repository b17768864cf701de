import { expect, test } from "vitest";
import { withKernels } from "../../test/pass-runs.ts";
import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import type { PassMethod } from "../kinds/pass.ts";
import { all } from "../passes/index.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { decodeTable } from "../tables/decode.ts";
import { f32Table, tableBytes } from "../tables/table.ts";
import { applyPasses } from "./compress.ts";

const kernels = withKernels();

const rng = createRng("compress");
const dense = (rows: number, cols: number) =>
  f32Table(
    rows,
    cols,
    Float32Array.from({ length: rows * cols }, () => rng.normal()),
  );
const recommender: Recommender = {
  query: "history",
  pool: "mean",
  items: 400,
  tables: { history: dense(400, 64), item: dense(400, 64), bias: dense(1, 400) },
};
const step = (name: string, options: object = {}) => ({
  pass: (all as unknown as readonly PassMethod[]).find((pass) => pass.name === name)!,
  options,
});
const run = (...steps: ReturnType<typeof step>[]) =>
  applyPasses(recommender, steps, { kernels: kernels(), rng: createRng(1) });

test("steps compose in order: pruned, then its kept numbers quantised", async () => {
  const before = structuredClone(recommender);
  const { recommender: small, passes } = await run(
    step("prune-magnitude", { sparsity: 0.8 }),
    step("codebook", { clusters: 16, tables: ["item"] }),
    step("int4-row", { tables: ["history"] }),
    step("fp16", { tables: ["bias"] }),
  );
  expect(passes).toEqual([
    { use: "prune-magnitude", changed: ["history", "item"], refused: [] },
    { use: "codebook", changed: ["item"], refused: [] },
    { use: "int4-row", changed: ["history"], refused: [] },
    { use: "fp16", changed: ["bias"], refused: [] },
  ]);
  const { history, item, bias } = small.tables;
  expect([history?.values?.encoding, item?.values?.encoding, bias?.encoding]).toEqual(["int4-row", "codebook", "f16"]);
  // 5,120 kept numbers: about 0.72 bits a place for positions, and half a byte or less for each number.
  expect(tableBytes(item!)).toBeLessThan(5200);
  expect(decodeTable(item!).filter((x) => x !== 0).length).toBe(5120);
  expect(recommender).toEqual(before);
});

test("every refusal is reported with its reason, and nothing is silent", async () => {
  const { recommender: small, passes } = await run(
    step("int8-row", { tables: ["item"] }),
    step("int4-row"),
    step("int4-row", { tables: ["bias"] }),
    step("fp16", { tables: ["user"] }),
  );
  expect(small.tables.bias).toBe(recommender.tables.bias);
  expect(passes.slice(1)).toEqual([
    { use: "int4-row", changed: ["history"], refused: [{ table: "item", reason: "its numbers are already int8-row" }] },
    {
      use: "int4-row",
      changed: [],
      refused: [{ table: "bias", reason: "its 400 numbers are one row and would share 16 levels" }],
    },
    {
      use: "fp16",
      changed: [],
      refused: ["history", "item", "bias"].map((table) => ({ table, reason: "it is not among the step's tables" })),
    },
  ]);
});

test("a wrong option is a sentence that says which step, before any step runs", async () => {
  const bad = run(step("fp16"), step("prune-magnitude", { sparsity: 7 }));
  await expect(bad).rejects.toThrow(UserError);
  await expect(bad).rejects.toThrow(/^compress\[1\] \(prune-magnitude\): sparsity must be less than 1, got 7\.$/);
});

test("a pass over all factors changes both sides together, or says of each matrix why not", async () => {
  const { recommender: small, passes } = await run(step("low-rank", { rank: 8 }), step("rotate"), step("levels-row"));
  expect([small.tables.history?.cols, small.tables.item?.encoding]).toEqual([8, "levels-row"]);
  expect(small.tables.bias).toBe(recommender.tables.bias);
  expect(passes.slice(0, 2)).toEqual([
    { use: "low-rank", changed: ["history", "item"], refused: [] },
    { use: "rotate", changed: ["history", "item"], refused: [] },
  ]);
  const late = await run(step("int8-row", { tables: ["item"] }), step("rotate"));
  const reason = "its numbers are already int8-row";
  expect(late.passes[1]).toEqual({
    ...{ use: "rotate", changed: [] },
    refused: [
      { table: "history", reason },
      { table: "item", reason },
    ],
  });
});
