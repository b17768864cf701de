import { expect, test } from "vitest";
import { checkerboard } from "../../test/boards.ts";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { smoothStart, teacherDirections } from "./smooth-start.ts";

test("items of the same users point the same way, others across, and no number of a row stands out", async () => {
  const train = checkerboard(40);
  const counts = new Int32Array(train.items);
  for (const item of train.indices) counts[item]!++;
  const d = 8;
  const rows = await smoothStart(await openKernels(1), train, counts, d, createRng(1));
  const row = (j: number) => rows.subarray(j * d, (j + 1) * d);
  const cosine = (a: Float32Array, b: Float32Array) =>
    a.reduce((sum, x, c) => sum + x * b[c]!, 0) / Math.hypot(...a) / Math.hypot(...b);
  let [same, across] = [0, 0];
  for (let j = 2; j < 40; j++) {
    same += cosine(row(j), row(j % 2)) / 38;
    across += Math.abs(cosine(row(j), row(1 - (j % 2)))) / 38;
  }
  expect(same).toBeGreaterThan(across + 0.05);
  const energy = Array.from({ length: d }, (_, c) => {
    let sum = 0;
    for (let j = 0; j < 40; j++) sum += rows[j * d + c]! ** 2;
    return sum;
  });
  expect(Math.max(...energy)).toBeLessThan(0.8 * energy.reduce((a, b) => a + b, 0));
});

test("a teacher's rows keep their products in as many dimensions or more, and nearly in fewer", async () => {
  const rng = createRng(2);
  const [items, width] = [30, 6];
  const rows = Float32Array.from({ length: items * width }, (_, i) => rng.normal() * (i % width < 4 ? 1 : 0.01));
  const kernels = await openKernels(1);
  const products = (x: Float32Array, d: number) =>
    Array.from({ length: items }, (_, j) => x.subarray(0, d).reduce((sum, a, c) => sum + a * x[j * d + c]!, 0));
  for (const d of [4, 6, 9]) {
    const found = products(await teacherDirections(kernels, rows, items, d, createRng(3)), d);
    products(rows, width).forEach((wanted, j) => {
      expect(Math.abs(found[j]! - wanted)).toBeLessThan(0.02);
    });
  }
});
