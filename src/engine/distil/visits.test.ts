import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { visitAlways, visitEvenly, visitOnce } from "./visits.ts";

test("a user is visited once, in a batch that holds the user, as many times over as there are such batches", () => {
  const logs = fc.record({
    userOf: fc.array(fc.nat(6), { minLength: 1, maxLength: 40 }),
    batch: fc.integer({ min: 1, max: 10 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(logs, ({ userOf, batch, seed }) => {
      const rng = createRng(seed);
      const order = rng.shuffle(Int32Array.from(userOf.keys()));
      const visits = visitOnce(7, Int32Array.from(userOf), batch)(order, rng);
      const holders = new Map<number, Set<number>>();
      for (const [t, at] of order.entries()) {
        const held = holders.get(userOf[at]!) ?? new Set();
        holders.set(userOf[at]!, held.add(Math.floor(t / batch)));
      }
      const met = visits.flatMap((some, b) => some.map(([user, times]) => ({ user, times, b })));
      expect(met.map(({ user }) => user).sort()).toEqual([...holders.keys()].sort());
      for (const { user, times, b } of met) {
        expect(holders.get(user)).toContain(b);
        expect(times).toBe(holders.get(user)?.size);
      }
    }),
  );
});

test("each of a user's batches gets one visit's weight in expectation", () => {
  const rng = createRng(5);
  const order = Int32Array.from({ length: 6 }, (_, t) => t);
  const draw = visitOnce(2, Int32Array.of(0, 1, 0, 0, 0, 1), 2);
  const total = [0, 0, 0];
  for (let round = 0; round < 6000; round++) {
    for (const [b, some] of draw(order, rng).entries())
      for (const [user, times] of some) if (user === 0) total[b]! += times;
  }
  for (const weight of total) expect(weight / 6000).toBeCloseTo(1, 1);
});

test("always: everybody in every batch that holds them, once", () => {
  const visits = visitAlways(3, Int32Array.of(0, 1, 0, 0, 2), 2)(Int32Array.of(0, 2, 1, 3, 4));
  expect(visits).toEqual([
    [[0, 1]],
    [
      [1, 1],
      [0, 1],
    ],
    [[2, 1]],
  ]);
});

test("evenly: everybody once, batches of like size", () => {
  const visits = visitEvenly(10, 4, createRng(1));
  expect(visits.map((some) => some.length)).toEqual([2, 3, 2, 3]);
  expect(visits.flat().sort(([a], [b]) => a - b)).toEqual(Array.from({ length: 10 }, (_, u) => [u, 1]));
});
