import { expect, test } from "vitest";
import loss from "./soft-label.ts";

const evaluate = (student: number[], teacher: number[], options: object) => {
  const grad = new Float32Array(student.length);
  const candidates = {
    listed: teacher.length,
    student: Float32Array.from(student),
    teacher: Float32Array.from(teacher),
    items: 9,
  };
  return { value: loss.lossAndGrad(candidates, loss.options.parse(options), grad), grad: [...grad] };
};

test("is the cross-entropy of the teacher's distribution", () => {
  // p = (3/4, 1/4), q = (1/2, 1/2): L = log 2, gradient q - p.
  const { value, grad } = evaluate([0, 0], [Math.log(3), 0], {});
  expect(value).toBeCloseTo(Math.LN2, 6);
  expect(grad[0]).toBeCloseTo(-0.25, 6);
  expect(grad[1]).toBeCloseTo(0.25, 6);
});

test("at temperature T both sides are divided by T, the loss times T², so that gradients keep their size", () => {
  const { value, grad } = evaluate([0, 0], [2 * Math.log(3), 0], { temperature: 2 });
  expect(value).toBeCloseTo(4 * Math.LN2, 6);
  expect(grad[0]).toBeCloseTo(2 * -0.25, 6);
});

test("what the teacher did not list has no mass of its own, and only loses", () => {
  const { value, grad } = evaluate([0, 0, 0, 0], [0, 0], {});
  expect(value).toBeCloseTo(Math.log(4), 6);
  for (const [c, slope] of [-0.25, -0.25, 0.25, 0.25].entries()) expect(grad[c]).toBeCloseTo(slope, 6);
});

test("with a share for the unlisted each of them has its part, and the listed the rest", () => {
  // p = (.4, .4, .1, .1), q = 1/4 each.
  const { value, grad } = evaluate([0, 0, 0, 0], [0, 0], { unlistedShare: 0.2 });
  expect(value).toBeCloseTo(Math.log(4), 6);
  for (const [c, slope] of [-0.15, -0.15, 0.15, 0.15].entries()) expect(grad[c]).toBeCloseTo(slope, 6);
  expect(evaluate([1, 0], [2, 1], { unlistedShare: 0.2 })).toEqual(evaluate([1, 0], [2, 1], {}));
});

test("the gradient is zero where student and teacher agree on everything", () => {
  for (const slope of evaluate([3, 1, -2], [3, 1, -2], {}).grad) expect(slope).toBeCloseTo(0, 6);
});
