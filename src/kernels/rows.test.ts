import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { gather, gatherSum, scatterAdd } from "./rows.ts";

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
  expect(() => gather(k, table, s.i32(2), 3, out)).toThrow("out must have 6 elements, got 3");
  expect(() => gather(k, table, s.i32(1), 5, out)).toThrow("table has 12 elements, no whole rows of 5");
  expect(() => gather(k, table, s.i32(1), 0, out)).toThrow(RangeError);
  expect(() => gather(k, table, new Int32Array(1), 3, out)).toThrow("ids must be an array in kernel memory");
  s.free();
});
