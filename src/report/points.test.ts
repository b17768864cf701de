import fc from "fast-check";
import { expect, test } from "vitest";
import { type Candidate, logTicks, placePoints, scoreDigits } from "./points.ts";

const at = (name: string, cost: number, score: number, more: Partial<Candidate> = {}): Candidate => ({
  ...{ name, role: "variant", cost, score, error: 0.01, pick: false },
  ...more,
});
const front = (candidates: readonly Candidate[], better: "high" | "low" = "high") =>
  placePoints(candidates, better)
    .points.filter((p) => p.front)
    .map((p) => p.name)
    .sort();

test("the front holds what nothing is both cheaper and better than; equals are both on it", () => {
  const some = [at("a", 1, 0.5), at("b", 2, 0.6), at("c", 3, 0.55), at("d", 4, 0.6), at("e", 1, 0.5)];
  expect(front(some)).toEqual(["a", "b", "e"]);
  expect(front(some, "low")).toEqual(["a", "e"]);
});

test("every point off the front is beaten by one on it, and none on it is", () => {
  const candidate = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.array(candidate, { minLength: 1, maxLength: 20 }), (pairs) => {
      const { points } = placePoints(
        pairs.map(([cost, score], i) => at(`${i}`, cost, score)),
        "high",
      );
      const beats = (a: Candidate, b: Candidate) =>
        a.cost <= b.cost && a.score >= b.score && (a.cost < b.cost || a.score > b.score);
      for (const p of points) {
        const better = points.filter((other) => beats(other, p));
        expect(better.some((other) => other.front)).toBe(!p.front);
      }
    }),
  );
});

test("a point far below the others goes to the lower edge, with its score in words", () => {
  const { points, scores } = placePoints([at("good", 10, 0.2), at("bad", 1, 0.101)], "high");
  expect(points.find((p) => p.name === "bad")).toMatchObject({ below: true, y: scores[0], label: "bad ↓ 0.101" });
  expect(scores[0]).toBeGreaterThan(0.17);
});

test("where less is better the chart stands on its head, and much more goes to the lower edge", () => {
  const { points, scores } = placePoints([at("good", 10, 0.2), at("bad", 1, 0.4)], "low");
  expect(scores[0]).toBeGreaterThan(scores[1]);
  expect(points.find((p) => p.name === "bad")).toMatchObject({ below: true, y: scores[0] });
  expect(points.find((p) => p.name === "good")!.below).toBe(false);
});

test("what has no cost or no score is not drawn", () => {
  const odd = [at("a", 0, 1), at("b", Number.NaN, 1), at("c", 1, Number.NaN), at("d", Number.POSITIVE_INFINITY, 1)];
  expect(placePoints(odd, "high").points).toEqual([]);
});

test("ticks are round and not too many, for bytes and for thousandths of a millisecond", () => {
  expect(logTicks([15_000, 44_000_000], 7)).toEqual([100_000, 1_000_000, 10_000_000]);
  expect(logTicks([0.011, 0.3], 7)).toEqual([0.02, 0.05, 0.1, 0.2]);
  expect([scoreDigits([0.17, 0.2]), scoreDigits([0, 1]), scoreDigits([0.1962, 0.195])]).toEqual([3, 1, 4]);
});
