import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { aliasTable, drawAlias } from "./alias.ts";
import { type Interactions, rowOf, toInteractions } from "./interactions.ts";
import { type NegativeSampler, popularityNegatives, uniformNegatives } from "./negatives.ts";

const matrix = (items: number, rows: number[][]): Interactions =>
  toInteractions({
    users: rows.map(String),
    items: Array.from({ length: items }, (_, i) => String(i)),
    user: Int32Array.from(rows.flatMap((row, u) => row.map(() => u))),
    item: Int32Array.from(rows.flat()),
    value: new Float32Array(rows.flat().length).fill(1),
  });
const frequencies = (sampler: NegativeSampler, user: number, items: number, draws = 40_000) => {
  const rng = createRng(7);
  const counts = new Float64Array(items);
  for (let n = 0; n < draws; n++) counts[sampler(user, rng)]! += 1 / draws;
  return counts;
};

test("never gives a positive, and -1 only where nothing is left", () => {
  const rows = fc.array(fc.uniqueArray(fc.nat(7), { maxLength: 8 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(rows, fc.integer(), (given, seed) => {
      const positives = matrix(8, given);
      const rng = createRng(seed);
      for (const sampler of [uniformNegatives(positives), popularityNegatives(positives, 0.75)]) {
        for (let u = 0; u < given.length; u++) {
          const taken = rowOf(positives, u);
          const item = sampler(u, rng);
          expect(taken).not.toContain(item);
          if (item === -1 && sampler === uniformNegatives(positives)) expect(taken.length).toBe(8);
          if (taken.length === 8) expect(item).toBe(-1);
        }
      }
    }),
  );
});

// 40,000 draws: a share p has a standard error of at most 0.0025; 0.0125 is five of them.
test("uniform draws every other item alike", () => {
  const counts = frequencies(uniformNegatives(matrix(5, [[1]])), 0, 5);
  expect(counts[1]).toBe(0);
  for (const i of [0, 2, 3, 4]) expect(Math.abs(counts[i]! - 0.25)).toBeLessThan(0.0125);
});

test("popularity draws by count^power, also where a user took nearly everything", () => {
  const rows = [[0], [1], [1], [1], [1], [2], [3]];
  const byRoot = frequencies(popularityNegatives(matrix(5, rows), 0.5), 0, 5);
  expect(byRoot[1]! / byRoot[2]!).toBeGreaterThan(1.85);
  expect(byRoot[1]! / byRoot[2]!).toBeLessThan(2.15);
  expect(byRoot[4]).toBe(0);
  const many = Array.from({ length: 3000 }, () => [0]);
  const scarce = frequencies(popularityNegatives(matrix(3, [[0], ...many, [1], [2], [2], [2]]), 1), 0, 3, 4000);
  expect(Math.abs(scarce[2]! - 0.75)).toBeLessThan(0.04);
});

test("a seed gives the same draws", () => {
  const sampler = uniformNegatives(matrix(100, [[3]]));
  const draw = (seed: number) =>
    Array.from(
      { length: 20 },
      (
        (rng) => () =>
          sampler(0, rng)
      )(createRng(seed)),
    );
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test("an alias table holds exactly the weights", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 }), (weights) => {
      const total = weights.reduce((sum, w) => sum + w, 0);
      if (!(total > 1e-300)) return;
      const { keep, other } = aliasTable(weights);
      const mass = new Float64Array(weights.length);
      for (let i = 0; i < weights.length; i++) {
        mass[i]! += keep[i]! / weights.length;
        mass[other[i]!]! += (1 - keep[i]!) / weights.length;
      }
      for (let i = 0; i < weights.length; i++) {
        expect(mass[i]!).toBeCloseTo(weights[i]! / total, 9);
        if (weights[i] === 0) expect(mass[i]).toBeLessThan(1e-12);
      }
      expect(weights[drawAlias({ keep, other }, createRng(1))]).toBeGreaterThan(0);
    }),
  );
});
