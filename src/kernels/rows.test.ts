import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import {
  dequantizeInt8Rows,
  dequantizeIntNRows,
  packedRowBytes,
  quantizeInt8Rows,
  quantizeIntNRows,
} from "./quantize.ts";
import { gather, gatherSum, gatherSumPacked, scatterAdd } from "./rows.ts";

let k: Kernels;
beforeAll(async () => {
  k = await openKernels(1);
});

const cases = fc.record({
  rows: fc.integer({ min: 1, max: 12 }),
  width: fc.integer({ min: 1, max: 70 }),
  n: fc.integer({ min: 0, max: 20 }),
  seed: fc.integer(),
});

function arrays({ rows, width, n, seed }: { rows: number; width: number; n: number; seed: number }) {
  const rng = createRng(seed);
  const s = k.scope();
  const table = s.copy(Float32Array.from({ length: rows * width }, () => rng.normal()));
  const ids = s.copy(Int32Array.from({ length: n }, () => rng.below(rows)));
  const gradients = s.copy(Float32Array.from({ length: n * width }, () => rng.normal()));
  return { s, table, ids, gradients, width, n };
}

test("gather copies rows", () => {
  fc.assert(
    fc.property(cases, (c) => {
      const { s, table, ids, width, n } = arrays(c);
      const out = s.f32(n * width);
      gather(k, table, ids, width, out);
      expect(out).toEqual(
        Float32Array.from({ length: n * width }, (_, i) => {
          return table[ids[Math.floor(i / width)] * width + (i % width)];
        }),
      );
      s.free();
    }),
  );
});

test("scatterAdd adds in order, repeated ids included", () => {
  fc.assert(
    fc.property(cases, (c) => {
      const { s, table, ids, gradients, width } = arrays(c);
      const expected = table.slice();
      ids.forEach((id, t) => {
        for (let j = 0; j < width; j++) expected[id * width + j] += gradients[t * width + j];
      });
      scatterAdd(k, gradients, ids, width, table);
      expect(table).toEqual(expected);
      s.free();
    }),
  );
});

test("gatherSum pools in order", () => {
  fc.assert(
    fc.property(cases, (c) => {
      const { s, table, ids, width } = arrays(c);
      const out = s.f32(width).fill(7);
      gatherSum(k, table, ids, width, out);
      const expected = new Float32Array(width);
      for (const id of ids) for (let j = 0; j < width; j++) expected[j] += table[id * width + j];
      expect(out).toEqual(expected);
      s.free();
    }),
  );
});

test("gatherSumPacked pools what the rows stand for, in order and to the bit", () => {
  fc.assert(
    fc.property(cases, fc.constantFrom(8 as const, 4 as const), (c, bits) => {
      const { s, table, ids, width } = arrays(c);
      const packed = s.u8(c.rows * packedRowBytes(width, bits));
      const dense = s.f32(c.rows * width);
      if (bits === 8) {
        quantizeInt8Rows(k, table, c.rows, width, packed);
        dequantizeInt8Rows(k, packed, c.rows, width, dense);
      } else {
        quantizeIntNRows(k, table, c.rows, width, bits, packed);
        dequantizeIntNRows(k, packed, c.rows, width, bits, dense);
      }
      const out = s.f32(width).fill(7);
      gatherSumPacked(k, bits, packed, ids, width, out);
      const expected = new Float32Array(width);
      for (const id of ids) for (let j = 0; j < width; j++) expected[j] += dense[id * width + j];
      expect(out).toEqual(expected);
      s.free();
    }),
  );
});

test("wrong lengths, ids out of range and arrays outside kernel memory are refused", () => {
  const s = k.scope();
  const [table, out] = [s.f32(12), s.f32(3)];
  for (const id of [4, -1, 2 ** 31 - 1]) {
    for (const place of [0, 5]) {
      const ids = s.i32(6);
      ids[place] = id;
      expect(() => gatherSum(k, table, ids, 3, out)).toThrow(RangeError(`ids must be below 4, got ${id}`));
    }
  }
  const packed = s.u8(4 * 11);
  expect(() => gatherSumPacked(k, 8, packed, s.i32(1).fill(4), 3, out)).toThrow("ids must be below 4, got 4");
  expect(() => gatherSumPacked(k, 4, packed, s.i32(1), 3, out)).toThrow("packed must have 42 elements, got 44");
  expect(() => gatherSumPacked(k, 8, packed, s.i32(1), 3, s.f32(4))).toThrow("out must have 3 elements, got 4");
  expect(() => gather(k, table, s.i32(2), 3, out)).toThrow("out must have 6 elements, got 3");
  expect(() => gather(k, table, s.i32(1), 5, out)).toThrow("table has 12 elements, no whole rows of 5");
  expect(() => gather(k, table, s.i32(1), 0, out)).toThrow(RangeError);
  expect(() => gather(k, table, new Int32Array(1), 3, out)).toThrow("ids must be an array in kernel memory");
  s.free();
});
