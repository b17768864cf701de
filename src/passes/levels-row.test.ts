import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import { normalLevels } from "../engine/row-levels.ts";
import { decodeTable } from "../tables/decode.ts";
import { fromHalf } from "../tables/half.ts";
import { type Table, tableBytes } from "../tables/table.ts";
import levelsRow from "./levels-row.ts";

const kernels = withKernels();
const rng = createRng("levels-row");
const normal = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
const run = async (options: object, rows: number, cols: number, data: Float32Array) =>
  (await pass32(levelsRow, options, kernels(), rows, cols, data)) as Table;
const errorOf = (data: Float32Array, table: Table) => {
  const after = decodeTable(table);
  return data.reduce((sum, x, i) => sum + (x - after[i]!) ** 2, 0) / data.reduce((sum, x) => sum + x * x, 0);
};

test("the levels of a normal distribution are Max's", () => {
  // Max 1960, table I.
  for (const [count, expected] of [
    [2, [0.798]],
    [3, [0, 1.224]],
    [4, [0.4528, 1.51]],
    [8, [0.2451, 0.756, 1.344, 2.152]],
  ] as const) {
    const { levels, spread } = normalLevels(count);
    const upper = [...levels].slice(Math.floor(count / 2)).map((level) => level / spread);
    upper.forEach((level, i) => {
      expect(level).toBeCloseTo(expected[i]!, 3);
    });
  }
});

test.each([
  [2, 1, 0.3634],
  [3, 1.6, 0.1902],
  [4, 2, 0.1175],
  [16, 4, 0.009497],
])(
  "%i levels take %f bits a number and a scale, and lose what theory says of normal rows",
  async (levels, bits, loss) => {
    const data = normal(300 * 240);
    const table = await run({ levels, learn: false }, 300, 240, data);
    const digits = levels === 3 ? 48 : 30 * bits;
    expect(tableBytes(table)).toBe(300 * (digits + 2) + 2 * levels);
    // Max 1960, table I; a row's own scale gains a little.
    expect(errorOf(data, table)).toBeGreaterThan(loss * 0.93);
    expect(errorOf(data, table)).toBeLessThan(loss * 1.02);
  },
);

test("two levels are the signs times the mean size", async () => {
  const data = Float32Array.of(1, -2, 3, -6, 0.5, 0.5, -0.5, 0.5).map((x) => x);
  const wide = Float32Array.from({ length: 128 }, (_, i) => data[(i % 4) + 4 * Math.floor(i / 64)]!);
  const table = await run({ levels: 2 }, 2, 64, wide);
  expect(Array.from(table.tensors["scales"] as Uint16Array, fromHalf)).toEqual([3, 0.5]);
  expect(decodeTable(table)).toEqual(wide.map((x, i) => Math.sign(x) * (i < 64 ? 3 : 0.5)));
});

test("levels are learned where numbers are not normal, and scales of one byte cost little", async () => {
  const data = normal(200 * 64).map((x) => Math.sign(x) * (Math.abs(x) > 0.7 ? 1 : 0.2) * (1 + 0.05 * x));
  const [plain, learned] = [await run({ learn: false }, 200, 64, data), await run({}, 200, 64, data)];
  expect(errorOf(data, learned)).toBeLessThan(errorOf(data, plain) * 0.5);
  const small = await run({ scales: "u8" }, 200, 64, data);
  expect(tableBytes(small)).toBe(200 * 17 + 8 + 8);
  expect(errorOf(data, small)).toBeLessThan(errorOf(data, learned) * 1.02);
});

test("rows of zeros come back as zeros, beside any others", async () => {
  for (const scales of ["f16", "u8"]) {
    const data = normal(640).fill(0, 64, 128);
    const after = decodeTable(await run({ scales }, 10, 64, data));
    expect(after.subarray(64, 128).every((x) => x === 0)).toBe(true);
  }
});

test("refuses one long vector and numbers beyond binary16", async () => {
  expect(await pass32(levelsRow, { tables: ["bias"] }, kernels(), 1, 3952, normal(3952), "bias")).toEqual({
    refused: "its 3,952 numbers are one row and would share 4 levels",
  });
  expect(await run({}, 1, 64, new Float32Array(64).fill(70_000, 0, 1))).toEqual({
    refused: "its range is beyond 16-bit floating point",
  });
});
