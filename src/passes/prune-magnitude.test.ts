import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import type { TablePass } from "../kinds/pass.ts";
import { decodeTable } from "../tables/decode.ts";
import { type Table, tableBytes } from "../tables/table.ts";
import prune from "./prune-magnitude.ts";

const kernels = withKernels();
const rng = createRng("prune");
const normal = (n: number) => Float32Array.from({ length: n }, () => rng.normal());

test("keeps the largest, signs and all, and equal ones by place", async () => {
  const data = Float32Array.from({ length: 256 }, (_, i) => (i % 2 ? 1 : -1) * (i % 64 < 8 ? 2 : 1));
  const table = (await pass32(prune, { sparsity: 1 - 40 / 256 }, kernels(), 4, 64, data)) as Table;
  const kept = [...decodeTable(table).entries()].filter(([, x]) => x !== 0);
  const ones = [8, 9, 10, 11, 12, 13, 14, 15];
  expect(kept.map(([i]) => i)).toEqual([...data.keys()].filter((i) => i % 64 < 8 || ones.includes(i)));
  for (const [i, x] of kept) expect(x).toBe(data[i]);
});

test("what is kept is what sorting keeps", async () => {
  const data = normal(50 * 64);
  const table = (await pass32(prune, { sparsity: 0.9 }, kernels(), 50, 64, data)) as Table;
  const least = [...data.map(Math.abs)].sort((a, b) => b - a)[319]!;
  expect(decodeTable(table)).toEqual(data.map((x) => (Math.abs(x) >= least ? x : 0)));
  // 320 numbers of 4 bytes, filled up to whole rows, and H(0.1) = 0.469 bits a place.
  expect(tableBytes(table)).toBeLessThan(320 * 4 + (3200 * 0.469) / 8 + 60);
});

test("prunes a pruned table further, by its share of all places", async () => {
  const once = (await pass32(prune, { sparsity: 0.5 }, kernels(), 50, 64, normal(3200))) as Table;
  const pass = prune as unknown as TablePass;
  const context = { kernels: kernels(), rng };
  const twice = (await pass.encode(once, pass.options.parse({ sparsity: 0.9 }), context, "item")) as Table;
  expect(decodeTable(twice).filter((x) => x !== 0)).toHaveLength(320);
  expect(await pass.encode(twice, pass.options.parse({ sparsity: 0.5 }), context, "item")).toHaveProperty("refused");
});

test("numbers that are 0 are never kept, and nothing is made of nothing", async () => {
  const table = (await pass32(prune, { sparsity: 0.1 }, kernels(), 2, 64, new Float32Array(128))) as Table;
  expect(decodeTable(table)).toEqual(new Float32Array(128));
  expect(table.values?.rows).toBe(0);
});
