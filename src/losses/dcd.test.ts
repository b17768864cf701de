import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import loss from "./dcd.ts";

const options = loss.options.parse({ listed: 3, temperature: 1 });
const pick = (scores: number[], listed: number, seed = 1) => {
  const list = {
    ...{ items: Int32Array.from({ length: listed }, (_, r) => r), catalogue: 100, groups: () => new Uint8Array(0) },
    student: () => Float32Array.from(scores),
  };
  const places = new Int32Array(6);
  const { listed: taken, above } = loss.pick!(list, options, createRng(seed), places) as {
    listed: number;
    above: number;
  };
  return { low: [...places.subarray(0, above)], high: [...places.subarray(above, taken)] };
};

test("items that the student ranks too low come first, in the teacher's order, then those that it ranks too high", () => {
  // Its ranks: 3, 0, 1, 2, 4.
  expect(pick([1, 4, 3, 2, 0], 5)).toEqual({ low: [0], high: [1, 2, 3] });
  expect(pick([1, 2, 3, 4, 5], 5)).toEqual({ low: [0, 1], high: [3, 4] });
});

test("what is sampled from elsewhere and ranked above stands for all of its kind", () => {
  // One of two above the last: 97 / 2 items, so that its rank is 50.
  expect(pick([9, 8, 1, 2, -9], 3)).toEqual({ low: [2], high: [] });
});

test("a student that ranks as its teacher does has nothing to correct", () => {
  expect(pick([5, 4, 3, 2, -1], 4)).toEqual({ low: [], high: [] });
});

test("no more than K of each are drawn, the most wrong most often", () => {
  const [scores, counts] = [Array.from({ length: 9 }, (_, r) => r), new Array<number>(9).fill(0)];
  const soft = loss.options.parse({ listed: 3, temperature: 8 });
  const list = {
    ...{ items: Int32Array.from(scores), catalogue: 100, groups: () => new Uint8Array(0) },
    student: () => Float32Array.from(scores),
  };
  const rng = createRng(3);
  for (let round = 0; round < 500; round++) {
    const places = new Int32Array(6);
    expect(loss.pick!(list, soft, rng, places)).toEqual({ listed: 6, above: 3 });
    for (const place of places.subarray(0, 3)) counts[place]!++;
  }
  expect(counts[0]).toBeGreaterThan(counts[3]!);
  expect(counts.slice(4)).toEqual([0, 0, 0, 0, 0]);
});

test("what is ranked too high counts as what was not listed does", () => {
  const student = Float32Array.of(1, 0, 2, -1);
  const value = (listed: number, above: number) =>
    loss.lossAndGrad(
      { listed, above, student, teacher: new Float32Array(listed), items: 9 },
      options,
      new Float32Array(4),
    );
  expect(value(3, 2)).toBe(value(2, 2));
  expect(value(3, 3)).not.toBe(value(3, 2));
});
