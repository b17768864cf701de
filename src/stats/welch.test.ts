import { expect, test } from "vitest";
import { sampleOf, welch } from "./welch.ts";

// Expected: scipy.stats.ttest_ind(a, b, equal_var=False), SciPy 1.17.1.
test("equals SciPy's Welch test", () => {
  const a = sampleOf([5.1, 4.9, 6.2, 5.7, 5.5, 6.1]);
  const b = sampleOf([4.2, 5.0, 4.4, 4.9, 3.1, 4.8, 5.2, 4.0]);
  const { difference, p, interval } = welch(a, b, 0.95);
  expect(difference).toBeCloseTo(1.1333333333, 9);
  expect(p).toBeCloseTo(0.004303478, 6);
  expect(interval[0]).toBeCloseTo(0.4299275916, 5);
  expect(interval[1]).toBeCloseTo(1.8367390751, 5);
});

test("a sample leaves NaN out, and knows when it has no mean or no variance", () => {
  expect(sampleOf([1, Number.NaN, 3])).toEqual({ n: 2, mean: 2, variance: 2 });
  expect(sampleOf([])).toEqual({ n: 0, mean: Number.NaN, variance: Number.NaN });
  expect(sampleOf([4]).variance).toBeNaN();
});

test("values that never vary have an interval of nothing", () => {
  expect(welch(sampleOf([2, 2]), sampleOf([2, 2, 2]), 0.9)).toEqual({
    ...{ difference: 0, standardError: 0, interval: [0, 0], p: 1 },
  });
  expect(welch(sampleOf([3, 3]), sampleOf([2, 2]), 0.9).p).toBe(0);
});
