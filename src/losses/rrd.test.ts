import { expect, test } from "vitest";
import loss from "./rrd.ts";

test("is the likelihood of the teacher's order over what is left", () => {
  // Two listed, one not, all scores 0: L = log 3 + log 2;  gradient of c: Σ_{k ≤ c} 1/S_k - [listed], S = (3, 2).
  const grad = new Float32Array(3);
  const candidates = { listed: 2, student: new Float32Array(3), teacher: Float32Array.of(2, 1), items: 9 };
  const value = loss.lossAndGrad(candidates, loss.options.parse({}), grad);
  expect(value).toBeCloseTo(Math.log(6), 6);
  [1 / 3 - 1, 1 / 3 + 1 / 2 - 1, 1 / 3 + 1 / 2].forEach((slope, c) => {
    expect(grad[c]).toBeCloseTo(slope, 6);
  });
});

test("scores far apart are as exact as near ones", () => {
  // The second listed item is 2000 below the unlisted one: its place costs just that, and the exponentials underflow.
  const grad = new Float32Array(3);
  const student = Float32Array.of(1000, -1000, 1000);
  const value = loss.lossAndGrad(
    { listed: 2, student, teacher: Float32Array.of(2, 1), items: 9 },
    loss.options.parse({}),
    grad,
  );
  expect(value).toBeCloseTo(Math.LN2 + 2000, 3);
  expect([...grad].map((slope) => Math.round(slope * 100) / 100)).toEqual([-0.5, -1, 1.5]);
});
