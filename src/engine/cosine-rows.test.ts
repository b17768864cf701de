import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { decodeTable } from "../tables/decode.ts";
import { type Band, createCosineRows } from "./cosine-rows.ts";

const [items, d] = [30, 6];

async function opened(levels: number, bands?: readonly Band[]) {
  const kernels = await openKernels(1);
  const rng = createRng(4);
  const band = Uint8Array.from({ length: items }, (_, j) => (bands ? j % bands.length : 0));
  const table = createCosineRows(kernels, kernels.scope(), { queries: 2, band, bands: bands ?? [{ d, levels }] });
  const directions = Float32Array.from({ length: items * d }, () => rng.normal());
  directions.fill(0, 0, d);
  table.start(directions, new Float32Array(items).fill(0.25));
  const row = (j: number) => table.rows.subarray(j * table.width, j * table.width + d);
  return { table, directions, row };
}

test("rows are unit vectors of their directions, with the bias behind them", async () => {
  const { table, directions, row } = await opened(0);
  expect(table.width).toBe(8);
  for (let j = 1; j < items; j++) {
    const wanted = directions.subarray(j * d, (j + 1) * d);
    const length = Math.hypot(...wanted);
    row(j).forEach((x, c) => {
      expect(x).toBeCloseTo(wanted[c]! / length, 5);
    });
    expect(table.rows[j * table.width + d]).toBe(0.25);
  }
});

test.each([2, 3, 4])("%i levels are all that numbers are, and two of them signs of length 1", async (levels) => {
  const { table, directions, row } = await opened(levels);
  const values = new Set(Array.from({ length: items }, (_, j) => [...row(j)]).flat());
  expect(values.size).toBe(levels);
  expect(Math.max(...values)).toBe(-Math.min(...values));
  const shipped = decodeTable(table.table());
  for (let j = 0; j < items; j++) expect(shipped.slice(j * d, (j + 1) * d)).toEqual(row(j).slice());
  if (levels !== 2) return;
  expect(Math.hypot(...row(3))).toBeCloseTo(1, 3);
  expect([...row(3)].map(Math.sign)).toEqual([...directions.subarray(3 * d, 4 * d)].map(Math.sign));
});

test("a step turns a row against its gradient and moves its bias; what lies along a row does nothing", async () => {
  const { table, row } = await opened(0);
  const before = row(5).slice();
  const across = Float32Array.from({ length: d }, (_, c) => (c === 0 ? -before[1]! : c === 1 ? before[0]! : 0));
  for (let c = 0; c < d; c++) table.gradient[5 * table.width + c] = across[c]!;
  table.gradient[5 * table.width + d] = 1;
  row(6).forEach((x, c) => {
    table.gradient[6 * table.width + c] = 3 * x;
  });
  const other = row(6).slice();
  await table.step(0.01);
  const turned = row(5).reduce((sum, x, c) => sum + (x - before[c]!) * across[c]!, 0);
  expect(turned).toBeLessThan(0);
  expect(table.rows[5 * table.width + d]).toBeCloseTo(0.24, 5);
  row(6).forEach((x, c) => {
    expect(Math.abs(x - other[c]!)).toBeLessThan(0.03);
  });
  expect(table.gradient.every((g) => g === 0)).toBe(true);
});

test("bands have their own dimensions and levels, zeros behind, and ship as they learn", async () => {
  const bands = [
    { d, levels: 4 },
    { d: 4, levels: 2 },
    { d: 3, levels: 0 },
  ];
  const { table, row } = await opened(0, bands);
  for (let step = 0; step < 5; step++) {
    for (let at = 0; at < items * table.width; at++) table.gradient[at] = (at % 5) - 2;
    await table.step(0.02);
  }
  const shipped = table.table();
  expect(shipped.encoding).toBe("mixed-rows");
  const numbers = decodeTable(shipped);
  for (let j = 0; j < items; j++) {
    expect(numbers.slice(j * d, (j + 1) * d)).toEqual(row(j).slice());
    expect([...row(j)].slice(bands[j % 3]!.d).every((x) => x === 0)).toBe(true);
    expect(Math.hypot(...row(j))).toBeGreaterThan(0.5);
  }
  expect(new Set([...row(1), ...row(4), ...row(7)]).size).toBe(3);
  expect(new Set([...row(3), ...row(6), ...row(9)]).size).toBeLessThanOrEqual(4);
});
