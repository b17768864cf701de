import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openSharedKernels } from "../kernels/open-shared.ts";
import { decodeTable } from "../tables/decode.ts";
import { tableBytes } from "../tables/table.ts";
import { fewBitRows } from "./few-bit-rows.ts";

const kernels = await openSharedKernels();
const shapes = fc.record({
  n: fc.integer({ min: 1, max: 20 }),
  d: fc.integer({ min: 1, max: 40 }),
  levels: fc.integer({ min: 2, max: 16 }),
  scales: fc.constantFrom("f16" as const, "u8" as const),
  seed: fc.integer(),
});
const latentOf = (n: number, d: number, seed: number) => {
  const rng = createRng(seed);
  return kernels.scope().copy(Float32Array.from({ length: n * d }, (_, i) => rng.normal() * (1 + Math.floor(i / d))));
};

test("what is trained with is what ships, to the bit", () => {
  fc.assert(
    fc.property(shapes, ({ n, d, levels, scales, seed }) => {
      const few = fewBitRows(kernels, kernels.scope(), n, d, { levels, scales });
      const latent = latentOf(n, d, seed);
      const rows = kernels.scope().f32(n * d);
      few.project(latent, rows);
      expect(decodeTable(few.table(latent))).toEqual(rows.slice());
    }),
  );
});

test("a row of 2 levels is its signs times its mean size", () => {
  const few = fewBitRows(kernels, kernels.scope(), 1, 4, { levels: 2, scales: "f16" });
  const rows = kernels.scope().f32(4);
  few.project(kernels.scope().copy(Float32Array.of(1, -2, 3, -2)), rows);
  expect([...rows]).toEqual([2, -2, 2, -2]);
});

test("more levels come closer", () => {
  const [n, d] = [10, 64];
  const latent = latentOf(n, d, 1);
  const errors = [2, 3, 4, 8, 16].map((levels) => {
    const rows = kernels.scope().f32(n * d);
    fewBitRows(kernels, kernels.scope(), n, d, { levels, scales: "f16" }).project(latent, rows);
    return rows.reduce((sum, x, i) => sum + (x - latent[i]!) ** 2, 0);
  });
  expect(errors).toEqual([...errors].sort((a, b) => b - a));
});

test("64 numbers of 2 levels ship in 9 bytes a row", () => {
  const table = fewBitRows(kernels, kernels.scope(), 100, 64, { levels: 2, scales: "u8" }).table(latentOf(100, 64, 2));
  // Two float16 levels and the range of the scales beside.
  expect(tableBytes(table)).toBe(100 * 9 + 4 + 8);
});

test("rows of zeros stay zero", () => {
  const rows = kernels.scope().f32(8).fill(1);
  fewBitRows(kernels, kernels.scope(), 2, 4, { levels: 4, scales: "u8" }).project(kernels.scope().f32(8), rows);
  expect(rows.every((x) => x === 0)).toBe(true);
});
