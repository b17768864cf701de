import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import loss from "./cd.ts";

test("is the cross-entropy of the teacher's tempered probabilities, one item at a time", () => {
  // q = (σ(log 3), σ(0)) = (3/4, 1/2) at T1 = 2; p = (1/2, 1/2): L = log 2, gradient (p - q) / 2.
  const grad = new Float32Array(2);
  const teacher = Float32Array.of(2 * Math.log(3), 0);
  const candidates = { listed: 2, student: new Float32Array(2), teacher, items: 9 };
  expect(loss.lossAndGrad(candidates, loss.options.parse({}), grad)).toBeCloseTo(Math.LN2, 6);
  expect([...grad].map((slope) => slope.toFixed(6))).toEqual(["-0.125000", "0.000000"]);
});

test("a shift raises what the teacher says of everything", () => {
  const grad = new Float32Array(1);
  const options = loss.options.parse({ temperature: 1, shift: Math.log(3) });
  loss.lossAndGrad({ listed: 1, student: new Float32Array(1), teacher: Float32Array.of(0), items: 9 }, options, grad);
  expect(grad[0]).toBeCloseTo(1 / 2 - 3 / 4, 6);
});

test("guided by the student, what it ranks highest of the list is drawn first", () => {
  const list = {
    ...{ items: Int32Array.from({ length: 9 }, (_, r) => r), catalogue: 100, groups: () => new Uint8Array(0) },
    student: () => Float32Array.of(0, 9, 0, 0, 8, 7, 0, 0, 0),
  };
  const pick = (guide: string) => {
    const places = new Int32Array(3);
    // So small a spread that only the first are drawn.
    loss.pick!(list, loss.options.parse({ guide, spread: 1e-6 }), createRng(1), places);
    return [...places];
  };
  expect(pick("teacher")).toEqual([0, 1, 2]);
  expect(pick("student")).toEqual([1, 4, 5]);
});
