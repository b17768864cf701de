import { expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { givenRows, normalRows, uniformRows } from "./init.ts";

test.each([
  ["normal", normalRows, 0.5],
  ["uniform", uniformRows, 0.5 * Math.sqrt(3)],
] as const)("%s rows have their spread, and blocks never change the numbers", (_name, rows, size) => {
  const whole = new Float32Array(10_000);
  rows(createRng(1), size)(whole);
  const mean = whole.reduce((sum, x) => sum + x, 0) / whole.length;
  const deviation = Math.sqrt(whole.reduce((sum, x) => sum + x * x, 0) / whole.length);
  // Four standard errors of 10,000 draws
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(deviation - 0.5)).toBeLessThan(0.02);
  const cut = new Float32Array(10_000);
  const fill = rows(createRng(1), size);
  fill(cut.subarray(0, 3333));
  fill(cut.subarray(3333));
  expect(cut).toEqual(whole);
});

test("uniform rows stay within their bound", () => {
  const block = new Float32Array(10_000);
  uniformRows(createRng(2), 0.25)(block);
  expect(block.every((x) => Math.abs(x) <= 0.25)).toBe(true);
});

test("given rows are taken in order", () => {
  const fill = givenRows(Float32Array.of(1, 2, 3, 4));
  const [first, second] = [new Float32Array(1), new Float32Array(3)];
  fill(first);
  fill(second);
  expect([...first, ...second]).toEqual([1, 2, 3, 4]);
  expect(() => fill(first)).toThrow("the given rows end after 4 numbers; the table needs 5 or more");
});
