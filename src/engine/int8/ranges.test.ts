// Calibrated ranges of numbers whose spread is known.

import { expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { counts, type RangeMethod, rangeFinder } from "./ranges.ts";

const found = (method: RangeMethod, batches: readonly Float32Array[], percentile = 99) => {
  const finder = rangeFinder({ method, percentile, averaging: 0.25 });
  for (const batch of batches) finder.see(batch);
  if (counts(method)) for (const batch of batches) finder.count(batch);
  return finder.range();
};

const rng = createRng("ranges");
const normal = Float32Array.from({ length: 20_000 }, () => rng.normal());
const outlier = Float32Array.from(normal, (x, i) => (i === 7 ? 50 : x));

test("minmax is the extremes, always with 0; a moving average forgets", () => {
  expect(found("minmax", [Float32Array.of(2, 3), Float32Array.of(5)])).toEqual([0, 5]);
  expect(found("minmax", [Float32Array.of(-2, -3)])).toEqual([-3, 0]);
  expect(found("moving-average", [Float32Array.of(-1, 4), Float32Array.of(-2, 8)])).toEqual([-1.25, 5]);
  expect(found("minmax", [])).toEqual([0, 0]);
  for (const method of ["percentile", "entropy", "mse"] as const)
    expect(found(method, [new Float32Array(9)])).toEqual([0, 0]);
});

test("percentile leaves out half on each side", () => {
  const even = Float32Array.from({ length: 100_000 }, (_, i) => i / 50_000 - 1);
  const [lo, hi] = found("percentile", [even], 90);
  expect(lo).toBeCloseTo(-0.9, 2);
  expect(hi).toBeCloseTo(0.9, 2);
});

test("entropy clips one far outlier of a normal distribution; all keep most of what is without one", () => {
  const [lo, hi] = found("entropy", [outlier]);
  expect(hi).toBeLessThan(25);
  expect(hi).toBeGreaterThan(2);
  expect(lo).toBeLessThan(-2);
  for (const method of ["entropy", "mse"] as const) expect(found(method, [normal])[1]).toBeGreaterThan(2.3);
});

test("mse has no larger error than minmax, of the same numbers rounded", () => {
  const error = ([lo, hi]: readonly [number, number]) => {
    const step = (hi - lo) / 255;
    return outlier.reduce((sum, x) => {
      const kept = Math.round((Math.min(hi, Math.max(lo, x)) - lo) / step) * step + lo;
      return sum + (x - kept) ** 2;
    }, 0);
  };
  expect(error(found("mse", [outlier]))).toBeLessThan(error(found("minmax", [outlier])));
});
