import fc from "fast-check";
import { expect, test } from "vitest";
import { allocate } from "./allocate.ts";

const choices = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 50 }), loss: fc.nat({ max: 1000 }) }), {
  minLength: 1,
  maxLength: 5,
});

test("keeps the budget, and where there is enough of it every band has its least loss", () => {
  fc.assert(
    fc.property(
      fc.array(choices, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 300 }),
      (bands, budget) => {
        const least = bands.reduce((sum, band) => sum + Math.min(...band.map(({ bytes }) => bytes)), 0);
        const chosen = allocate(bands, budget);
        expect(chosen === undefined).toBe(least > budget);
        if (!chosen) return;
        const taken = chosen.map((c, b) => bands[b]![c]!);
        expect(taken.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(budget);
        const all = allocate(bands, 50 * bands.length)!;
        for (const [b, c] of all.entries()) {
          expect(bands[b]![c]!.loss).toBe(Math.min(...bands[b]!.map(({ loss }) => loss)));
        }
      },
    ),
  );
});

test("spends where a byte saves most", () => {
  const steep = [
    { bytes: 10, loss: 100 },
    { bytes: 20, loss: 20 },
    { bytes: 40, loss: 0 },
  ];
  const flat = [
    { bytes: 10, loss: 30 },
    { bytes: 20, loss: 10 },
  ];
  expect(allocate([flat, steep], 19)).toBeUndefined();
  expect(allocate([flat, steep], 30)).toEqual([0, 1]);
  expect(allocate([flat, steep], 40)).toEqual([1, 1]);
  expect(allocate([flat, steep], 60)).toEqual([1, 2]);
});
