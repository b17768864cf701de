import { expect, test } from "vitest";
import { studentRanks } from "./student-ranks.ts";
import { createTrajectory, discrepancy } from "./trajectory.ts";

test("ranks in the catalogue: in the list as they are, elsewhere in the sample's proportion", () => {
  expect([...studentRanks(Float32Array.of(1, 4, 3, 2, 0), 5, 100)]).toEqual([3, 0, 1, 2, 4]);
  expect([...studentRanks(Float32Array.of(9, 8, 1, 2, -9), 3, 100)]).toEqual([0, 1, 2 + 48]);
});

test("the discrepancy of the same order is 0, of nothing in common 1, and between falls with agreement", () => {
  expect(discrepancy([0, 1, 2])).toBe(0);
  expect(discrepancy([7, 8, 9])).toBe(1);
  expect(discrepancy([0, 1, 9])).toBeLessThan(discrepancy([9, 1, 2]) + 1e-9);
  expect(discrepancy([])).toBe(0);
});

test("a user moves on where what is left is no more than the next step, and stops at the last list", () => {
  const scores = new Float32Array(8);
  const stages = [
    { n: 4, items: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3), scores },
    { n: 4, items: Int32Array.of(4, 5, 0, 1, 0, 1, 2, 3), scores },
    { n: 4, items: Int32Array.of(4, 5, 6, 7, 4, 5, 6, -1), scores },
  ];
  const trajectory = createTrajectory(stages, 2);
  const rounds = (user: number, ranks: number[]) => {
    for (let visit = 0; visit < 10; visit++) trajectory.visited(user, () => Int32Array.from(ranks));
    return trajectory.levelOf(user);
  };
  // User 0 has all of its list to learn, which is more than the two items that the next one brings.
  expect(rounds(0, [9, 9, 9, 9])).toBe(0);
  expect(rounds(0, [0, 1, 2, 3])).toBe(1);
  // The next list of user 1 is the same: only perfection will do.
  expect(rounds(1, [1, 0, 2, 9])).toBe(0);
  expect(rounds(1, [0, 1, 2, 3])).toBe(1);
  expect(rounds(0, [0, 1, 2, 3])).toBe(2);
  expect(rounds(0, [0, 1, 2, 3])).toBe(2);
});
