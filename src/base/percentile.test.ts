import fc from "fast-check";
import { expect, test } from "vitest";
import { percentile } from "./percentile.ts";

test("of 1 to 100 the percentile is its own number", () => {
  const numbers = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([0, 0.5, 0.95, 0.99, 1].map((share) => percentile(numbers, share))).toEqual([1, 50, 95, 99, 100]);
});

test("it is the smallest element that enough of the others do not exceed", () => {
  const numbers = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
      const sorted = values.sort((a, b) => a - b);
      const found = percentile(sorted, share);
      const upTo = (x: number) => sorted.filter((value) => value <= x).length;
      expect(upTo(found)).toBeGreaterThanOrEqual(share * sorted.length);
      const below = sorted.filter((value) => value < found);
      expect(below.length).toBeLessThanOrEqual(share * sorted.length);
    }),
  );
});
