import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { levelsFrom, nearest, starts } from "./clusters.ts";

const error = (values: Float32Array, levels: Float32Array) =>
  nearest(values, levels).reduce((sum, level, i) => sum + (level - values[i]!) ** 2, 0);

test.each(starts)("%s: levels rise, each is the mean of those that are nearest to it", (start) =>
  fc.assert(
    fc.property(
      fc.float32Array({ noNaN: true, min: -4, max: 4, minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 9 }),
      (values, k) => {
        const levels = levelsFrom(values, k, start, createRng("clusters"));
        expect(levels.length).toBeGreaterThan(0);
        expect(levels.length).toBeLessThanOrEqual(k);
        const near = nearest(values, levels);
        for (const [i, level] of levels.entries()) {
          if (i > 0) expect(level).toBeGreaterThan(levels[i - 1]!);
          const own = values.filter((_, at) => near[at] === level);
          expect(level).toBeCloseTo(own.reduce((a, b) => a + b, 0) / own.length, 5);
        }
        for (const [i, w] of values.entries())
          for (const level of levels) expect(Math.abs(near[i]! - w)).toBeLessThanOrEqual(Math.abs(level - w) + 1e-6);
      },
    ),
  ),
);

test("starts differ: evenly over the range, by the density, apart from each other", () => {
  const rng = createRng("values");
  const values = Float32Array.from({ length: 4000 }, (_, i) => (i < 20 ? 8 + 0.01 * rng.normal() : 0.1 * rng.normal()));
  const [linear, dense, apart] = starts.map((start) => levelsFrom(values, 8, start, createRng("clusters")));
  expect(linear!.length).toBeLessThan(8);
  for (const levels of [linear!, apart!]) expect(levels.at(-1)).toBeCloseTo(8, 1);
  expect(dense!.at(-1)).toBeLessThan(8.1);
  expect(error(values, apart!)).toBeLessThan(error(values, linear!));
  expect(levelsFrom(values, 8, "k-means++", createRng("clusters"))).toEqual(apart);
});

test("as many levels as distinct numbers are these", () => {
  const values = Float32Array.of(3, 1, 1, -2, 3);
  expect(Array.from(levelsFrom(values, 3, "density", createRng("d")))).toEqual([-2, 1, 3]);
  expect(Array.from(levelsFrom(values, 9, "k-means++", createRng("d")))).toEqual([-2, 1, 3]);
  expect(Array.from(levelsFrom(values, 1, "linear", createRng("d")))).toEqual([Math.fround(6 / 5)]);
});
