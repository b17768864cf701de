import { expect, test } from "vitest";
import { chiSquaredTail, normalCdf, normalQuantile, signTest, tCdf, tQuantile } from "./distributions.ts";

// Expected: SciPy 1.17.1.
test("probabilities", () => {
  expect(normalCdf(-2.5)).toBeCloseTo(0.006209665325776132, 9);
  expect(tCdf(-2.1, 7.3)).toBeCloseTo(0.0361233567, 6);
  expect(tCdf(1.3, 200)).toBeCloseTo(0.9024514053, 6);
  expect(tCdf(0, 1e5)).toBe(0.5);
  expect(chiSquaredTail(3.84, 1)).toBeCloseTo(0.0500435212, 6);
  expect(chiSquaredTail(25, 10)).toBeCloseTo(0.0053455055, 6);
});

test("quantiles", () => {
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 9);
  expect(normalQuantile(1e-4)).toBeCloseTo(-3.719016485455709, 7);
  expect(tQuantile(0.975, 3)).toBeCloseTo(3.1824463053, 6);
  expect(tQuantile(0.9, 1e6)).toBeCloseTo(1.2815516, 6);
});

test("the sign test is exact, two-sided and symmetric", () => {
  expect(signTest(7, 30)).toBeCloseTo(0.0052228794, 6);
  expect(signTest(23, 30)).toBe(signTest(7, 30));
  expect(signTest(520, 1000)).toBeCloseTo(0.2174482932, 6);
  expect([signTest(0, 0), signTest(5, 10)]).toEqual([1, 1]);
});
