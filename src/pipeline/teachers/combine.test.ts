import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { combineLists } from "./combine.ts";

const lists = (n: number, rows: readonly (readonly number[])[], scores?: readonly (readonly number[])[]) => ({
  n,
  items: Int32Array.from(rows.flatMap((row) => [...row, ...Array(n - row.length).fill(-1)])),
  scores: Float32Array.from(
    rows.flatMap((row, r) => [...(scores?.[r] ?? row.map((_, at) => n - at)), ...Array(n - row.length).fill(0)]),
  ),
});

describe("by hand", () => {
  const [a, b] = [lists(3, [[1, 2, 3]]), lists(3, [[3, 1, 4]])];

  test("mean-rank: what a list lacks has the rank below it", () => {
    const { items, scores } = combineLists([a, b], "mean-rank", 4);
    expect([...items]).toEqual([1, 3, 2, 4]);
    expect([...scores]).toEqual([-1.5, -2, -3, -3.5]);
  });

  test("reciprocal-rank", () => {
    const { items, scores } = combineLists([a, b], "reciprocal-rank", 2);
    expect([...items]).toEqual([1, 3]);
    expect(scores[0]).toBeCloseTo((1 / 61 + 1 / 62) / 2, 7);
  });

  test("mean-score: lists on other scales weigh alike; a list of equal scores says nothing", () => {
    const wide = lists(3, [[1, 2, 3]], [[3000, 1000, 2000]]);
    const narrow = lists(3, [[2, 1, 3]], [[0.9, 0.1, 0.2]]);
    const { items, scores } = combineLists([wide, narrow], "mean-score", 3);
    const z = (x: number, all: number[]) => {
      const mean = all.reduce((s, y) => s + y, 0) / 3;
      return (x - mean) / Math.sqrt(all.reduce((s, y) => s + (y - mean) ** 2, 0) / 3);
    };
    const of1 = (z(3000, [3000, 1000, 2000]) + z(0.1, [0.9, 0.1, 0.2])) / 2;
    expect(scores[[...items].indexOf(1)]).toBeCloseTo(of1, 5);
    const flat = lists(2, [[7, 8]], [[5, 5]]);
    expect([...combineLists([flat, flat], "mean-score", 2).scores]).toEqual([0, 0]);
  });

  test("a teacher without a list for a user has no say; nobody's list is empty", () => {
    const partial = lists(2, [[], [5, 6]]);
    const full = lists(2, [
      [1, 2],
      [6, 5],
    ]);
    const { items, scores } = combineLists([partial, full, lists(2, [[], []])], "mean-rank", 2);
    expect([...items]).toEqual([1, 2, 5, 6]);
    expect([...scores]).toEqual([-1, -2, -1.5, -1.5]);
    expect([...combineLists([partial, partial], "mean-rank", 1).items]).toEqual([-1, 5]);
  });
});

test("a teacher with itself keeps its order, and members' order does not matter", () => {
  const row = fc.shuffledSubarray([...Array(12).keys()], { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(row, row, fc.constantFrom("mean-rank", "reciprocal-rank", "mean-score"), (a, b, combine) => {
      const [x, y] = [lists(6, [a]), lists(6, [b])];
      const twice = combineLists([x, x], combine as "mean-rank", a.length);
      expect([...twice.items]).toEqual(a);
      const one = combineLists([x, y], combine as "mean-rank", 12);
      const two = combineLists([y, x], combine as "mean-rank", 12);
      expect(new Set(one.items)).toEqual(new Set(two.items));
      for (const [at, score] of one.scores.entries()) expect(score).toBeCloseTo(two.scores[at]!, 6);
    }),
  );
});
