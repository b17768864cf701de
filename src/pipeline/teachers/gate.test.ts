import { expect, test } from "vitest";
import { fromRows } from "../../../test/boards.ts";
import { learnGate } from "./gate.ts";

/** Users 0 to 19 took one thing, 20 to 39 ten; everybody takes item 20 next. */
const users = 40;
const train = fromRows(
  Array.from({ length: users }, (_, u) => Array.from({ length: u < 20 ? 1 : 10 }, (_, i) => i)),
  30,
);
const next = fromRows(
  Array.from({ length: users }, () => [20]),
  30,
);
const lists = (first: (user: number) => number) => ({
  ...{ n: 2, scores: new Float32Array(2 * users) },
  items: Int32Array.from({ length: 2 * users }, (_, at) => (at % 2 === 0 ? first(at >> 1) : 29)),
});

test("a teacher that lists what is taken is heard more than one that does not, and shares add up to 1", () => {
  const gate = learnGate([lists(() => 20), lists(() => 21)], train, next);
  expect(gate(3, 0)).toBeGreaterThan(0.8);
  expect(gate(3, 0) + gate(3, 1)).toBeCloseTo(1, 9);
});

test("who is right for people of short histories is heard about those", () => {
  const [ofFew, ofMany] = [lists((u) => (u < 20 ? 20 : 21)), lists((u) => (u < 20 ? 21 : 20))];
  const gate = learnGate([ofFew, ofMany], train, next);
  expect(gate(0, 0)).toBeGreaterThan(0.8);
  expect(gate(39, 0)).toBeLessThan(0.2);
});

test("alike teachers, and validation that nobody listed, leave equal shares", () => {
  const same = lists(() => 20);
  expect(learnGate([same, same], train, next)(5, 1)).toBeCloseTo(0.5, 9);
  const elsewhere = lists(() => 21);
  expect(learnGate([elsewhere, elsewhere], train, next)(5, 1)).toBe(0.5);
});
