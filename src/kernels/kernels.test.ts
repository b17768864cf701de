import fc from "fast-check";
import { expect, test } from "vitest";
import { ranges } from "./kernels.ts";
import { openPageKernels } from "./open-page.ts";
import { openSharedKernels } from "./open-shared.ts";
import { gatherSum } from "./rows.ts";

test("ranges cover [0, n) in order, none empty, lengths at most one apart", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 64 }), (n, parts) => {
      const split = ranges(n, parts);
      expect(split.length).toBe(Math.min(n, parts));
      expect(split[0]![0]).toBe(0);
      expect(split.at(-1)![1]).toBe(n);
      for (let p = 1; p < split.length; p++) expect(split[p]![0]).toBe(split[p - 1]![1]);
      const lengths = split.map(([start, end]) => end - start);
      expect(Math.min(...lengths)).toBeGreaterThanOrEqual(1);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    }),
  );
});

test("a page's kernels hold as much as was asked for, and no more than their fixed memory", async () => {
  const kernels = await openPageKernels(3_000_000);
  expect(kernels.threads).toBe(1);
  const scope = kernels.scope();
  expect(scope.u8(3_000_000)).toHaveLength(3_000_000);
  expect(() => scope.u8(30_000_000)).toThrow("this memory has a fixed size");
  scope.free();
  expect(kernels.memory.buffer instanceof SharedArrayBuffer).toBe(false);
});

test("page and shared kernels give the same bytes", async () => {
  const table = Float32Array.from({ length: 40 }, (_, i) => Math.sin(i));
  const pooled: number[][] = [];
  for (const kernels of [await openPageKernels(1000), await openSharedKernels()]) {
    const scope = kernels.scope();
    const out = scope.f32(4);
    gatherSum(kernels, scope.copy(table), scope.copy(Int32Array.of(9, 0, 4)), 4, out);
    pooled.push([...out]);
    scope.free();
  }
  const expected = new Float32Array(4);
  for (const row of [9, 0, 4]) for (let c = 0; c < 4; c++) expected[c]! += table[4 * row + c]!;
  expect(pooled[0]).toEqual([...expected]);
  expect(pooled[1]).toEqual(pooled[0]);
});

test("without threads, parallel runs the calls one after the other", async () => {
  const kernels = await openSharedKernels();
  const scope = kernels.scope();
  const table = scope.f32(1);
  const [one, ids] = [scope.copy(Float32Array.of(1)), scope.i32(1)];
  const call = [one.byteOffset, ids.byteOffset, table.byteOffset, 1, 1];
  await kernels.parallel("scatterAdd", [call, call, call]);
  expect(table[0]).toBe(3);
  scope.free();
});
