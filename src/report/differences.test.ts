import { expect, test } from "vitest";
import { differenceOf, wordOf } from "./differences.ts";

const figures = (value: number, error?: number) => ({
  metrics: { m: value },
  standardError: { m: 0.2 },
  ...(error !== undefined && { pairedError: { m: error } }),
});

test("the interval is that of the difference user by user", () => {
  const found = differenceOf("m", figures(0.5), figures(0.4, 0.05))!;
  expect(found.difference).toBeCloseTo(-0.1, 12);
  expect(found.interval![0]).toBeCloseTo(-0.1 - 1.96 * 0.05, 12);
  expect(found.shares![1]).toBeCloseTo((-0.1 + 1.96 * 0.05) / 0.5, 12);
});

test("an interval without nought has a word, which way depends on the metric", () => {
  const [down, either] = [
    differenceOf("m", figures(0.5, 0.001), figures(0.4, 0.001))!,
    differenceOf("m", figures(0.5, 0.1), figures(0.4, 0.1))!,
  ];
  expect([wordOf(down, "high"), wordOf(down, "low"), wordOf(either, "high")]).toEqual(["worse", "better", "either"]);
});

test("no error, no interval and no word; nothing to compare, nothing; nought is no divisor", () => {
  const bare = differenceOf("m", figures(0.5, 0.1), figures(0.4))!;
  expect(bare.interval).toBeUndefined();
  expect(wordOf(bare, "high")).toBe("either");
  expect(differenceOf("m", figures(Number.NaN), figures(1))).toBeUndefined();
  expect(differenceOf("m", undefined, figures(1))).toBeUndefined();
  const zero = differenceOf("m", figures(0, 0.1), figures(1, 0.1))!;
  expect(zero.share).toBeNaN();
  expect(zero.shares).toBeUndefined();
});
