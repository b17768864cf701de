import { expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { drawDiscrepant } from "./mutual.ts";

const shares = (wide: number[], narrow: number[], to: "narrow" | "wide") => {
  const rng = createRng(1);
  const counts = wide.map(() => 0);
  for (let round = 0; round < 20_000; round++) {
    counts[drawDiscrepant(Float64Array.from(wide), Float64Array.from(narrow), 40_000, to, rng)]!++;
  }
  return counts.map((count) => count / 20_000);
};

test("the narrow model is told of what it overrates alone, in proportion to tanh", () => {
  // Higher with the narrow one by 0, 1, 1 and -2 of four places, a place 10,000 items: tanh is 1 for both.
  const [same, one, two, lower] = shares([4, 2, 1, 3], [4, 3, 2, 1], "narrow");
  expect([same, lower]).toEqual([0, 0]);
  expect(one).toBeCloseTo(two!, 1);
});

test("the wide model is told of any, of what the narrow one has lower more often", () => {
  const places = [0, 1, 1, -2].map((higher) => Math.exp(-higher));
  const total = places.reduce((a, b) => a + b);
  for (const [c, share] of shares([4, 2, 1, 3], [4, 3, 2, 1], "wide").entries()) {
    expect(share).toBeCloseTo(places[c]! / total, 1);
  }
});

test("models that agree tell the narrow one of anything", () => {
  for (const share of shares([2, 1], [5, 4], "narrow")) expect(share).toBeCloseTo(0.5, 1);
});
