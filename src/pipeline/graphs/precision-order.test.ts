import fc from "fast-check";
import { expect, test } from "vitest";
import { optionsAfter, precisionOrder } from "./precision-order.ts";

test("the least error a byte saved comes first; an option above the line between others is passed by", () => {
  const cheap = [
    { bytes: 100, error: 0 },
    { bytes: 50, error: 1 },
    { bytes: 25, error: 9 },
  ];
  const dented = [
    { bytes: 100, error: 0 },
    { bytes: 90, error: 5 },
    { bytes: 20, error: 8 },
  ];
  expect(precisionOrder([cheap, dented])).toEqual([
    { unit: 0, option: 1 },
    { unit: 1, option: 2 },
    { unit: 0, option: 2 },
  ]);
});

test("every step saves bytes, and all of them end in the smallest options", () => {
  const option = fc.record({
    bytes: fc.integer({ min: 1, max: 1000 }),
    error: fc.double({ min: 0, max: 9, noNaN: true }),
  });
  const unit = fc.array(option, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 5 }), (units) => {
      const steps = precisionOrder(units);
      const bytes = (count: number) =>
        optionsAfter(units.length, steps, count).reduce((sum, at, u) => sum + units[u]![at]!.bytes, 0);
      for (let n = 0; n < steps.length; n++) expect(bytes(n + 1)).toBeLessThan(bytes(n));
      const least = units.reduce((sum, options) => sum + Math.min(...options.map((one) => one.bytes)), 0);
      expect(bytes(steps.length)).toBe(least);
    }),
  );
});
