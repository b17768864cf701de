import { expect, test } from "vitest";
import loss from "./dllm2rec.ts";

/** Of a student whose scores are all 0: half of each weight is the slope. */
const weights = (teacher: number[], options: object, student = new Array<number>(teacher.length + 1).fill(0)) => {
  const grad = new Float32Array(student.length);
  const candidates = {
    ...{ listed: teacher.length, items: 9 },
    student: Float32Array.from(student),
    teacher: Float32Array.from(teacher),
  };
  loss.lossAndGrad(candidates, loss.options.parse({ position: 0, confidence: 0, consistency: 0, ...options }), grad);
  return [...grad].map((slope, c) => Number((-slope * (1 + Math.exp(student[c]!))).toFixed(4)));
};

test("by place, by confidence, by both", () => {
  expect(weights([5, 1], { position: 1 }).slice(0, 2)).toEqual([0.7311, 0.2689]);
  expect(weights([Math.log(3), 0], { confidence: 1 }).slice(0, 2)).toEqual([0.75, 0.25]);
  expect(weights([0, 0], { position: 1, confidence: 1 }).slice(0, 2)).toEqual([0.6155, 0.3845]);
});

test("by whether the student would show it among as many items", () => {
  expect(weights([1, 1, 1], { consistency: 1 }, [2, 0, 0.5, 3, 1]).slice(0, 3)).toEqual([1, 0, 0]);
  expect(weights([1, 1], { consistency: 1 }, [-1, -2, 0, 3]).slice(0, 2)).toEqual([0, 0]);
});

test("what is not listed falls, each alike", () => {
  const grad = new Float32Array(4);
  const candidates = { listed: 2, student: new Float32Array(4), teacher: new Float32Array(2), items: 9 };
  loss.lossAndGrad(candidates, loss.options.parse({}), grad);
  expect([...grad.subarray(2)]).toEqual([0.25, 0.25]);
});
