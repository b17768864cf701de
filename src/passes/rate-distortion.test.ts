import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import { decodeTable } from "../tables/decode.ts";
import { type Table, tableBytes } from "../tables/table.ts";
import rateDistortion from "./rate-distortion.ts";

const kernels = withKernels();
const rng = createRng("rate-distortion");
/** Numbers of a steep distribution, as factors have. */
const data = Float32Array.from({ length: 500 * 64 }, () => rng.normal() * Math.exp(rng.normal()));

const measure = async (options: object) => {
  const table = (await pass32(rateDistortion, options, kernels(), 500, 64, data)) as Table;
  const after = decodeTable(table);
  const error = data.reduce((sum, x, i) => sum + (x - after[i]!) ** 2, 0) / data.length;
  return { table, error, bits: (tableBytes(table) * 8) / data.length };
};

test("at lambda 0 the error is a uniform quantiser's, step² / 12 or less", async () => {
  const { error } = await measure({ levels: 200, lambda: 0 });
  const step = (Math.max(...data) - Math.min(...data)) / 199;
  expect(error).toBeLessThan((step * step) / 12);
});

test("weighing bits gives a smaller error at fewer bits than the nearest level of a coarser grid", async () => {
  const thrifty = await measure({ levels: 60, lambda: 0.1 });
  const plain = await measure({ levels: 49, lambda: 0 });
  expect(thrifty.bits).toBeLessThan(plain.bits);
  expect(thrifty.error).toBeLessThan(plain.error);
});

test("more levels cost more bits and lose less; unused levels are dropped", async () => {
  const [few, many] = [await measure({ levels: 16 }), await measure({ levels: 200 })];
  expect(few.bits).toBeLessThan(many.bits);
  expect(few.error).toBeGreaterThan(many.error);
  expect(many.table.tensors["levels"]!.length).toBeLessThan(200);
});

test("constant numbers are one level", async () => {
  const table = (await pass32(rateDistortion, {}, kernels(), 10, 64, new Float32Array(640).fill(0.5))) as Table;
  expect(decodeTable(table)).toEqual(new Float32Array(640).fill(0.5));
  expect(table.tensors["levels"]).toHaveLength(1);
});
