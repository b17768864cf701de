import fc from "fast-check";
import { expect, test } from "vitest";
import { learningRates, scheduleOptions } from "./schedule.ts";

const rates = (given: unknown, total: number, count = total) => {
  const rate = learningRates(scheduleOptions.parse(given), 2, total);
  return Array.from({ length: count }, (_, step) => rate(step));
};

test("constant, with a warmup that ends at the full rate", () => {
  expect(rates({ use: "constant" }, 3)).toEqual([2, 2, 2]);
  expect(rates({ use: "constant", warmup: 4 }, 6)).toEqual([0.5, 1, 1.5, 2, 2, 2]);
});

test("linear goes down to its end and stays there", () => {
  expect(rates({ use: "linear" }, 4, 6)).toEqual([2, 1.5, 1, 0.5, 0, 0]);
  expect(rates({ use: "linear", warmup: 2, end: 0.5 }, 6, 8)).toEqual([1, 2, 2, 1.75, 1.5, 1.25, 1, 1]);
});

test("cosine is half way in the middle", () => {
  const found = rates({ use: "cosine", end: 0.1 }, 8, 10);
  expect(found[0]).toBe(2);
  expect(found[4]).toBeCloseTo(2 * 0.55, 12);
  expect(found[8]).toBeCloseTo(0.2, 12);
  expect(found[9]).toBeCloseTo(0.2, 12);
});

test("step drops by its factor", () => {
  expect(rates({ use: "step", every: 2, factor: 0.5 }, 6)).toEqual([2, 2, 1, 1, 0.5, 0.5]);
});

test("every rate is finite, at most the base, and never rises after the warmup", () => {
  const options = fc.oneof(
    ...["constant", "linear", "cosine"].map((use) => fc.record({ use: fc.constant(use), warmup: fc.nat(9) })),
    fc.record({ use: fc.constant("step"), warmup: fc.nat(9), every: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(options, fc.nat(20), (given, total) => {
      const found = rates(given, total, 30);
      found.forEach((rate, step) => {
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(2);
        if (step > given.warmup) expect(rate).toBeLessThanOrEqual(found[step - 1]!);
      });
    }),
  );
});
