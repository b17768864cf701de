// 16 bits that saturate, on pairs worked by hand.

import { expect, test } from "vitest";
import { saturation } from "./saturation.ts";
import { int8Weights } from "./weights.ts";

test("two large products of one sign saturate; of both signs, small ones, or in 7 bits they do not", () => {
  const of = (...data: number[]) => ({ data: Int8Array.from(data), scales: Float32Array.of(1) });
  const full = Uint8Array.of(255, 255);
  expect(saturation(of(127, 127), 2, full)).toEqual({ wrong: 1, sums: 1, worst: 2 * 127 * 255 - 32767 });
  expect(saturation(of(-127, -127), 2, full)).toMatchObject({ wrong: 1, worst: 2 * 127 * 255 - 32768 });
  expect(saturation(of(127, -127), 2, full).wrong).toBe(0);
  expect(saturation(of(127, 127), 2, Uint8Array.of(100, 100)).wrong).toBe(0);
  const reduced = int8Weights(Float32Array.of(1, 1, 0.5, -1), 1, { perChannel: true, reduceRange: true });
  expect(saturation(reduced, 4, Uint8Array.of(255, 255, 255, 255)).wrong).toBe(0);
});

test("the second of two outputs, of rows that differ", () => {
  const weights = { data: Int8Array.of(1, 127, 1, 127), scales: Float32Array.of(1, 1) };
  expect(saturation(weights, 2, Uint8Array.of(255, 255, 0, 255))).toMatchObject({ wrong: 1, sums: 4 });
});
