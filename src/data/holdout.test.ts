import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { holdOut } from "./holdout.ts";

const share = fc.integer({ min: 0, max: 49 }).map((percent) => percent / 100);

test("parts have their shares, whatever decides; order and time put train first and test last", () => {
  fc.assert(
    fc.property(fc.nat(200), share, share, fc.constantFrom("random", "order", "time"), (n, validation, test, by) => {
      const time = Float64Array.from({ length: n }, (_, r) => (r * 7) % 5);
      const part = holdOut(n, { by, validation, test }, createRng(1), time);
      const count = (p: number) => part.filter((x) => x === p).length;
      expect(Math.abs(count(2) - n * test)).toBeLessThanOrEqual(0.5 + 1e-9);
      expect(Math.abs(count(1) - n * validation)).toBeLessThanOrEqual(1 + 1e-9);
      if (by === "order") expect([...part]).toEqual([...part].sort());
      if (by === "time") {
        const of = (p: number) => [...time].filter((_, r) => part[r] === p);
        expect(Math.max(...of(0))).toBeLessThanOrEqual(Math.min(...of(1), ...of(2)));
        expect(Math.max(...of(1))).toBeLessThanOrEqual(Math.min(...of(2)));
      }
      expect(holdOut(n, { by, validation, test }, createRng(1), time)).toEqual(part);
    }),
  );
});

test("what can't be divided is one sentence", () => {
  const options = { by: "time", validation: 0.1, test: 0.1 } as const;
  expect(() => holdOut(3, options, createRng(1))).toThrow(/no time column is named/);
  expect(() => holdOut(3, options, createRng(1), Float64Array.of(1, Number.NaN, 2))).toThrow(/row 2 has none/);
  expect(() => holdOut(3, { ...options, validation: 0.5, test: 0.5 }, createRng(1))).toThrow(
    /leave nothing to train on/,
  );
});
