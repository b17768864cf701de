import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { quantisedTable } from "../../test/reference-rows.ts";
import { createRng } from "../base/rng.ts";
import { fromHalf } from "../tables/half.ts";
import { type Table, tableBytes } from "../tables/table.ts";
import int8Row from "./int8-row.ts";

const kernels = withKernels();
const rng = createRng("int8-row");
const normal = (n: number) => Float32Array.from({ length: n }, () => rng.normal());

test("gives FBGEMM's bytes: 72 a row of 64", async () => {
  const data = normal(100 * 64);
  const table = (await pass32(int8Row, {}, kernels(), 100, 64, data)) as Table;
  expect(tableBytes(table)).toBe(7200);
  const expected = quantisedTable(8, 100, 64, data, fromHalf).tensors["data"] as Uint8Array;
  const got = table.tensors["data"] as Uint8Array;
  // The formula in float64 against the kernel's float32: a level apart at most, and only where a half is rounded.
  const apart = got.reduce((n, b, i) => n + (b === expected[i] ? 0 : 1), 0);
  expect(apart).toBeLessThan(8);
});

test("takes a bias, and constant rows exactly", async () => {
  expect(await pass32(int8Row, {}, kernels(), 1, 4000, normal(4000), "bias")).toMatchObject({ encoding: "int8-row" });
  const table = (await pass32(int8Row, {}, kernels(), 2, 64, new Float32Array(128).fill(0.1))) as Table;
  const view = new DataView((table.tensors["data"] as Uint8Array).buffer);
  expect([view.getFloat32(64, true), view.getFloat32(68, true)]).toEqual([0, Math.fround(0.1)]);
});

test("refuses a range beyond float32", async () => {
  const data = new Float32Array(64).fill(3e38, 0, 1).fill(-3e38, 1, 2);
  expect(await pass32(int8Row, {}, kernels(), 1, 64, data)).toEqual({ refused: "its range is beyond float32" });
});
