// What the tests of int4-row and int2-row have in common: the rows' bytes, the searched range, what is refused.

import { expect, test } from "vitest";
import { createRng } from "../src/base/rng.ts";
import type { TablePass } from "../src/kinds/pass.ts";
import { decodeTable } from "../src/tables/decode.ts";
import { fromHalf } from "../src/tables/half.ts";
import { type Table, tableBytes } from "../src/tables/table.ts";
import { pass32, withKernels } from "./pass-runs.ts";
import { quantisedTable } from "./reference-rows.ts";

/** Declares the tests of a pass that packs rows of so many bits. */
export function testPackedRowPass(pass: TablePass, bits: 4 | 2): void {
  const kernels = withKernels();
  const rng = createRng(pass.name);
  const normal = (n: number) => Float32Array.from({ length: n }, () => rng.normal());

  test("gives FBGEMM's bytes from min to max: 20 a row of 64 for 2 bits, 36 for 4", async () => {
    const data = normal(100 * 64);
    const table = (await pass32(pass, { range: "minmax" }, kernels(), 100, 64, data)) as Table;
    expect(tableBytes(table)).toBe(100 * (8 * bits + 4));
    const expected = quantisedTable(bits, 100, 64, data, fromHalf).tensors["data"] as Uint8Array;
    const got = table.tensors["data"] as Uint8Array;
    // The formula in float64 against the kernel's float32: a level apart at most, and only where a half is rounded.
    const apart = got.reduce((n, b, i) => n + (b === expected[i] ? 0 : 1), 0);
    expect(apart).toBeLessThan(8);
  });

  test("a row with outliers loses less when its range is searched", async () => {
    const data = normal(200 * 64).map((x, i) => (i % 64 === 0 ? x * 3 : x));
    const error = async (range: string) => {
      const after = decodeTable((await pass32(pass, { range }, kernels(), 200, 64, data)) as Table);
      return data.reduce((sum, x, i) => sum + (x - after[i]!) ** 2, 0);
    };
    expect(await error("search")).toBeLessThan((await error("minmax")) * 0.95);
  });

  test("refuses one long vector and numbers beyond binary16", async () => {
    const tables = ["bias"];
    expect(await pass32(pass, { tables }, kernels(), 1, 3952, normal(3952), "bias")).toEqual({
      refused: `its 3,952 numbers are one row and would share ${2 ** bits} levels`,
    });
    const large = new Float32Array(64).fill(70_000, 0, 1);
    expect(await pass32(pass, {}, kernels(), 1, 64, large)).toEqual({
      refused: "its range is beyond 16-bit floating point",
    });
  });
}
