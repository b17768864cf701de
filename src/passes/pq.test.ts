import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import { randomRotation } from "../engine/rotations.ts";
import { decodeTable } from "../tables/decode.ts";
import { type Table, tableBytes } from "../tables/table.ts";
import pq from "./pq.ts";

const kernels = withKernels();
const rng = createRng("pq");
const run = async (options: object, rows: number, cols: number, data: Float32Array) =>
  (await pass32(pq, options, kernels(), rows, cols, data)) as Table;
const errorOf = (data: Float32Array, table: Table) => {
  const after = decodeTable(table);
  return data.reduce((sum, x, i) => sum + (x - after[i]!) ** 2, 0) / data.reduce((sum, x) => sum + x * x, 0);
};

test("rows whose pieces are few come back exactly, with one codebook or several", async () => {
  const pieces = Array.from({ length: 40 }, () => Float32Array.from({ length: 8 }, () => rng.below(64) / 8));
  const data = new Float32Array(300 * 30);
  for (let r = 0; r < 300; r++) {
    for (let p = 0; p < 4; p++) data.set(pieces[rng.below(40)]!.subarray(0, Math.min(8, 30 - p * 8)), r * 30 + p * 8);
  }
  for (const shared of [true, false]) {
    const table = await run({ pieces: 4, shared }, 300, 30, data);
    expect(decodeTable(table)).toEqual(data);
    expect(tableBytes(table)).toBe(300 * 4 + 12 + (shared ? 1 : 4) * 256 * 8 * 2);
  }
});

test("pieces that are few are found again in rows that were turned, by a learned rotation that ships beside", async () => {
  const [rows, d] = [3000, 16];
  const hidden = randomRotation(d, rng);
  const pieces = Array.from({ length: 12 }, () => Float32Array.from({ length: 4 }, () => rng.normal()));
  const data = new Float32Array(rows * d);
  for (let r = 0; r < rows; r++) {
    const row = Array.from({ length: 4 }, () => [...pieces[rng.below(12)]!]).flat();
    for (let c = 0; c < d; c++) data[r * d + c] = row.reduce((sum, x, k) => sum + x * hidden[k * d + c]!, 0);
  }
  const options = { pieces: 4, shared: false, codebooks: "int8" };
  const [plain, turned] = [
    await run(options, rows, d, data),
    await run({ ...options, rotation: "learn" }, rows, d, data),
  ];
  expect([turned.encoding, turned.values?.encoding]).toEqual(["turned", "pq"]);
  expect(tableBytes(turned) - tableBytes(plain)).toBe(d * d + 4);
  expect(errorOf(data, turned)).toBeLessThan(errorOf(data, plain) / 2);
  const allowed = pq.tolerance(pq.options.parse({ ...options, rotation: "learn" }), data, d);
  const after = decodeTable(turned);
  for (const [i, x] of data.entries()) expect(Math.abs(x - after[i]!)).toBeLessThan(allowed);
});

test("codebooks of 8 bits take half the bytes and lose a hundredth more at most", async () => {
  const data = Float32Array.from({ length: 1000 * 32 }, () => rng.normal());
  for (const shared of [true, false]) {
    const half = await run({ pieces: 8, shared }, 1000, 32, data);
    const eight = await run({ pieces: 8, shared, codebooks: "int8" }, 1000, 32, data);
    const books = shared ? 1 : 8;
    expect(tableBytes(half) - tableBytes(eight)).toBe(books * (256 * 4 - 4));
    expect(errorOf(data, eight)).toBeLessThan(1.01 * errorOf(data, half));
  }
});

test("a byte for four numbers loses what the best vectors of a normal distribution lose, and more bytes lose less", async () => {
  const data = Float32Array.from({ length: 4000 * 32 }, () => rng.normal());
  const [eight, sixteen] = [await run({ pieces: 8 }, 4000, 32, data), await run({ pieces: 16 }, 4000, 32, data)];
  // 2 bits a number: more than the distortion-rate function 2^-4, less than Lloyd and Max's 0.1175 for single numbers.
  expect(errorOf(data, eight)).toBeGreaterThan(0.0625);
  expect(errorOf(data, eight)).toBeLessThan(0.115);
  expect(errorOf(data, sixteen)).toBeLessThan(0.013);
});
