import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { bootstrapInterval, bootstrapReplicates, bootstrapTotals } from "./bootstrap.ts";
import { percentileInterval, quantileSorted, tInterval } from "./interval.ts";

const sample = (n: number, seed: string) => {
  const rng = createRng(seed);
  return Float64Array.from({ length: n }, () => rng.normal() + 1);
};
const mean = ([sum, n]: readonly number[]) => sum! / n!;

test("counts are Poisson(1): mean 1, variance 1, independent of each other", () => {
  const ones = new Float64Array(200).fill(1);
  const [totals] = bootstrapTotals([ones], { replicates: 4000, rng: createRng(1) });
  const average = totals!.reduce((a, x) => a + x, 0) / totals!.length;
  const variance = totals!.reduce((a, x) => a + (x - average) ** 2, 0) / totals!.length;
  // Their standard errors over 4,000 resamples are .22 and 4.5.
  expect(Math.abs(average - 200)).toBeLessThan(1);
  expect(Math.abs(variance - 200)).toBeLessThan(20);
});

test("a mean's replicates scatter as its standard error says", () => {
  const values = sample(400, "mean");
  const ones = new Float64Array(400).fill(1);
  const replicates = bootstrapReplicates([values, ones], mean, { replicates: 4000, rng: createRng(2) });
  const centre = values.reduce((a, x) => a + x, 0) / 400;
  const error = Math.sqrt(values.reduce((a, x) => a + (x - centre) ** 2, 0)) / 400;
  const spread = Math.sqrt(replicates.reduce((a, x) => a + (x - centre) ** 2, 0) / 4000);
  expect(spread / error).toBeGreaterThan(0.95);
  expect(spread / error).toBeLessThan(1.05);
});

test("intervals hold the truth about as often as they state", () => {
  const ones = new Float64Array(100).fill(1);
  let held = 0;
  for (let seed = 0; seed < 300; seed++) {
    const options = { replicates: 300, level: 0.9, rng: createRng(seed) };
    const [low, high] = bootstrapInterval([sample(100, `cover ${seed}`), ones], mean, options);
    if (low <= 1 && 1 <= high) held++;
  }
  // Binomial(300, .9): three standard deviations are 16.
  expect(Math.abs(held - 270)).toBeLessThan(20);
});

test("the same seed gives the same interval, another seed another", () => {
  const columns = [sample(50, "s"), new Float64Array(50).fill(1)];
  const at = (seed: number) => bootstrapInterval(columns, mean, { replicates: 200, level: 0.95, rng: createRng(seed) });
  expect(at(1)).toEqual(at(1));
  expect(at(1)).not.toEqual(at(2));
});

test("quantiles are linear between neighbours; NaN and nothing at all are survived", () => {
  expect(quantileSorted([1, 2, 4], 0.75)).toBe(3);
  expect(percentileInterval(Float64Array.of(Number.NaN, 3, 1, 2), 0.5)).toEqual([1.5, 2.5]);
  expect(percentileInterval(Float64Array.of(Number.NaN), 0.5)).toEqual([Number.NaN, Number.NaN]);
  expect(bootstrapTotals([], { replicates: 3, rng: createRng(1) })).toEqual([]);
});

test("t intervals", () => {
  const [low, high] = tInterval(10, 2, 3, 0.95);
  expect([low, high].map((x) => x.toFixed(4))).toEqual(["3.6351", "16.3649"]);
  expect(tInterval(1, 0, 5, 0.95)).toEqual([1, 1]);
});
