import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { codedWidth, gatherSumCodes, lookupBytes, scanCodes } from "./coded.ts";

const k = await openKernels(1);

const shapes = fc.record({
  rows: fc.integer({ min: 0, max: 9 }),
  parts: fc.integer({ min: 1, max: 11 }),
  sub: fc.integer({ min: 1, max: 9 }),
  added: fc.boolean(),
  shared: fc.boolean(),
  scaled: fc.boolean(),
  seed: fc.integer(),
});

test("products and sums of coded rows are those of the vectors that the codes name", () => {
  fc.assert(
    fc.property(shapes, ({ rows, parts, sub, added, shared, scaled, seed }) => {
      const rng = createRng(seed);
      const s = k.scope();
      const normal = (n: number) => s.copy(Float32Array.from({ length: n }, () => rng.normal()));
      const codes = s.copy(Uint8Array.from({ length: rows * parts }, () => rng.below(256)));
      const book = normal((shared ? 1 : parts) * 256 * sub);
      const scales = scaled ? normal(rows) : undefined;
      const coded = { codes, parts, book, sub, step: added ? 0 : sub, ...(scales && { scales }) };
      const width = codedWidth(coded);
      expect(width).toBe(added ? sub : parts * sub);
      const dense = Array.from({ length: rows }, (_, r) => {
        const row = new Float64Array(width);
        for (let p = 0; p < parts; p++) {
          const at = ((shared ? 0 : p) * 256 + codes[r * parts + p]) * sub;
          for (let j = 0; j < sub; j++) row[p * coded.step + j] += (scales ? scales[r] : 1) * book[at + j];
        }
        return row;
      });
      const query = normal(width);
      const out = s.f32(rows);
      scanCodes(k, coded, query, s.f32(lookupBytes(parts) / 4), out);
      dense.forEach((row, r) => {
        expect(out[r]).toBeCloseTo(
          row.reduce((sum, x, c) => sum + x * query[c], 0),
          3,
        );
      });
      const ids = s.copy(Int32Array.from({ length: rows ? 5 : 0 }, () => rng.below(rows)));
      const sum = s.f32(width).fill(7);
      gatherSumCodes(k, coded, ids, sum);
      sum.forEach((x, c) => {
        expect(x).toBeCloseTo(
          ids.reduce((all, id) => all + dense[id][c], 0),
          3,
        );
      });
      s.free();
    }),
  );
});

test("sizes that do not fit are refused", () => {
  const s = k.scope();
  const coded = { codes: s.u8(6), parts: 2, book: s.f32(512), sub: 1, step: 1 };
  const [query, lookups] = [s.f32(2), s.f32(512)];
  expect(() => scanCodes(k, coded, query, lookups, s.f32(4))).toThrow(/codes must have 8 elements/);
  expect(() => scanCodes(k, { ...coded, book: s.f32(300) }, query, lookups, s.f32(3))).toThrow(/book must have 512/);
  expect(() => scanCodes(k, coded, s.f32(3), lookups, s.f32(3))).toThrow(/query must have 2/);
  expect(() => gatherSumCodes(k, coded, s.copy(Int32Array.of(3)), s.f32(2))).toThrow(/ids must be below 3/);
  s.free();
});
