import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { openPageKernels } from "./open-page.ts";
import {
  dequantizeInt8Rows,
  dequantizeIntNRows,
  packedRowBytes,
  quantizeInt8Rows,
  quantizeIntNRows,
} from "./quantize.ts";
import { scanF32, scanF32Parallel, scanPacked, scanPackedParallel } from "./scan.ts";

let one: Kernels;
let three: Kernels;
beforeAll(async () => {
  one = await openKernels(1);
  three = await openKernels(3);
});
afterAll(() => three.close());

const shapes = fc.record({
  rows: fc.integer({ min: 0, max: 9 }),
  width: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.constantFrom(511, 512, 513, 1030, 2049)),
  size: fc.constantFrom(1e-3, 1, 1e4),
  seed: fc.integer(),
});

/**
 * The table, its packed rows, what they stand for, and q · row in float64 with Σ|q·x| as the measure of its error; a
 * packed scan also rounds each q to 2⁻³⁰ of the largest.
 */
function cases(
  k: Kernels,
  bits: 32 | 8 | 4,
  { rows, width, size, seed }: { rows: number; width: number; size: number; seed: number },
) {
  const rng = createRng(seed);
  const s = k.scope();
  const table = s.copy(Float32Array.from({ length: rows * width }, () => size * rng.normal() + rng.below(2)));
  const query = s.copy(Float32Array.from({ length: width }, () => rng.normal()));
  const packed = s.u8(bits === 32 ? 0 : rows * packedRowBytes(width, bits));
  if (bits === 8) {
    quantizeInt8Rows(k, table, rows, width, packed);
    dequantizeInt8Rows(k, packed, rows, width, table);
  }
  if (bits === 4) {
    quantizeIntNRows(k, table, rows, width, 4, packed);
    dequantizeIntNRows(k, packed, rows, width, 4, table);
  }
  const expected = new Float64Array(rows);
  const sizes = new Float64Array(rows);
  const fixed = new Float64Array(rows);
  const step = query.reduce((most, q) => Math.max(most, Math.abs(q)), 0) * (bits === 32 ? 0 : 2 ** -30);
  for (let r = 0; r < rows; r++) {
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < width; c++) least = Math.min(least, table[r * width + c]);
    for (let c = 0; c < width; c++) {
      expected[r] += query[c] * table[r * width + c];
      const x = Math.max(Math.abs(table[r * width + c]), Math.abs(least));
      sizes[r] += Math.abs(query[c]) * x;
      fixed[r] += step * (x + Math.abs(least));
    }
  }
  const near = (out: Float32Array, start = 0, end = rows) => {
    for (let r = 0; r < rows; r++) {
      if (r < start || r >= end) expect(out[r]).toBe(-7);
      // float32 rounding of the dequantised numbers and, for float32 rows, of a sum of `width` terms
      else {
        const bound = sizes[r] * (bits === 32 ? 1e-6 : 2.5e-7) + fixed[r];
        expect(Math.abs(out[r] - expected[r])).toBeLessThanOrEqual(bound);
      }
    }
  };
  return { s, table, query, packed, near };
}

test("scanF32 equals the float64 dot products", () => {
  fc.assert(
    fc.property(shapes, (c) => {
      const { s, table, query, near } = cases(one, 32, c);
      const out = s.f32(c.rows).fill(-7);
      const [start, end] = [Math.floor(c.rows / 3), c.rows - Math.floor(c.rows / 4)];
      scanF32(one, query, table, c.rows, c.width, out, start, end);
      near(out, start, end);
      scanF32(one, query, table, c.rows, c.width, out);
      near(out);
      s.free();
    }),
  );
});

test.each([8, 4] as const)(
  "scanPacked of %i bits equals the float64 dot products with the dequantised rows",
  (bits) => {
    fc.assert(
      fc.property(shapes, (c) => {
        const { s, query, packed, near } = cases(one, bits, c);
        const out = s.f32(c.rows).fill(-7);
        const [start, end] = [Math.floor(c.rows / 3), c.rows - Math.floor(c.rows / 4)];
        scanPacked(one, bits, query, packed, c.rows, c.width, out, start, end);
        near(out, start, end);
        scanPacked(one, bits, query, packed, c.rows, c.width, out);
        near(out);
        s.free();
      }),
      { numRuns: 200 },
    );
  },
);

test("threads give the same bits", async () => {
  const shape = { rows: 301, width: 37, size: 1, seed: 3 };
  for (const bits of [32, 8, 4] as const) {
    const { s, table, query, packed } = cases(three, bits, shape);
    const [alone, together] = [s.f32(301), s.f32(301)];
    if (bits === 32) {
      scanF32(three, query, table, 301, 37, alone);
      await scanF32Parallel(three, query, table, 301, 37, together);
    } else {
      scanPacked(three, bits, query, packed, 301, 37, alone);
      await scanPackedParallel(three, bits, query, packed, 301, 37, together);
    }
    expect(together).toEqual(alone);
    s.free();
  }
});

test("a table that ends where the memory ends can be scanned", async () => {
  const k = await openPageKernels(0);
  for (const width of [1, 3, 17, 40]) {
    for (const bits of [8, 4] as const) {
      const stride = packedRowBytes(width, bits);
      const rows = Math.floor(4000 / stride);
      const packed = new Uint8Array(k.memory.buffer, k.memory.buffer.byteLength - rows * stride, rows * stride).fill(1);
      const s = k.scope();
      const out = s.f32(rows);
      scanPacked(k, bits, s.copy(new Float32Array(width).fill(1)), packed, rows, width, out);
      expect(out.every(Number.isFinite)).toBe(true);
      s.free();
    }
  }
});

test("a zero query gives bias·0, and a query that is not finite gives NaN", () => {
  const { s, query, packed } = cases(one, 8, { rows: 2, width: 5, size: 1, seed: 1 });
  const out = s.f32(2);
  scanPacked(one, 8, query.fill(0), packed, 2, 5, out);
  expect([...out].map(Math.abs)).toEqual([0, 0]);
  query[2] = Number.POSITIVE_INFINITY;
  scanPacked(one, 8, query, packed, 2, 5, out);
  expect([...out]).toEqual([Number.NaN, Number.NaN]);
  s.free();
});

test("wrong lengths and ranges are refused", () => {
  const s = one.scope();
  const query = s.f32(5);
  expect(() => scanPacked(one, 8, query, s.u8(25), 2, 5, s.f32(2))).toThrow("packed must have 26 elements, got 25");
  expect(() => scanPacked(one, 4, query, s.u8(14), 2, 6, s.f32(2))).toThrow("query must have 6 elements, got 5");
  expect(() => scanF32(one, query, s.f32(10), 2, 5, s.f32(2), 1, 3)).toThrow("[1, 3) is no range of 2 rows");
  s.free();
});
