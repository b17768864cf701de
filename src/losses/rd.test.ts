import { expect, test } from "vitest";
import loss from "./rd.ts";

test("an item that the student ranks where the teacher does counts nothing, one that it ranks far below counts whole", () => {
  // Of 1,001 items all four sampled are above the second: rank 1,000; none is above the first: rank 0.
  const options = loss.options.parse({ listed: 2, unlisted: 4, lambda: 1 });
  const student = Float32Array.of(5, -5, 1, 1, 1, 1);
  const grad = new Float32Array(6);
  const value = loss.lossAndGrad({ listed: 2, student, teacher: Float32Array.of(1, 0), items: 1001 }, options, grad);
  const weight = Math.exp(-1) / (1 + Math.exp(-1));
  expect(value).toBeCloseTo(weight * Math.log1p(Math.exp(5)), 6);
  expect([...grad].map((slope) => slope.toFixed(5))).toEqual([
    ...["0.00000", (-weight / (1 + Math.exp(-5))).toFixed(5), "0.00000", "0.00000", "0.00000", "0.00000"],
  ]);
});
