import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { drawRank, drawRanks, drawWeighted } from "./rank-draws.ts";

test("ranks fall off as the exponential says, and stay inside the list", () => {
  const rng = createRng(1);
  const counts = new Array<number>(30).fill(0);
  for (let i = 0; i < 100_000; i++) counts[drawRank(30, 10, rng)]!++;
  const total = (1 - Math.exp(-3)) / (1 - Math.exp(-0.1));
  // Five standard deviations of a binomial share of .1.
  counts.forEach((n, rank) => {
    expect(Math.abs(n / 100_000 - Math.exp(-rank / 10) / total)).toBeLessThan(0.005);
  });
});

test("different ranks, rising; all of them where as many are asked for", () => {
  const ranks = new Int32Array(5);
  expect(drawRanks(100, 10, createRng(2), ranks)).toBe(5);
  expect([...ranks].every((rank, i) => i === 0 || rank > ranks[i - 1]!)).toBe(true);
  expect(drawRanks(3, 0.01, createRng(3), ranks)).toBe(3);
  expect([...ranks.subarray(0, 3)]).toEqual([0, 1, 2]);
  expect(drawRanks(0, 10, createRng(4), ranks)).toBe(0);
});

test("weighted places: rising, never one without weight, the first by its share", () => {
  const rng = createRng(5);
  const weights = Float64Array.of(1, 0, 3, -1, 4);
  const places = new Int32Array(5);
  expect(drawWeighted(weights, rng, places)).toBe(3);
  expect([...places.subarray(0, 3)]).toEqual([0, 2, 4]);
  const counts = [0, 0, 0, 0, 0];
  for (let round = 0; round < 20_000; round++) {
    drawWeighted(weights, rng, places.subarray(0, 1));
    counts[places[0]!]!++;
  }
  for (const [at, share] of [1 / 8, 0, 3 / 8, 0, 4 / 8].entries()) {
    expect(Math.abs(counts[at]! / 20_000 - share)).toBeLessThan(0.02);
  }
});
