import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openSharedKernels } from "../kernels/open-shared.ts";
import { completionBatch } from "./completion-batch.ts";

const kernels = await openSharedKernels();
const [items, d] = [9, 4];
const batch = [
  { kept: Int32Array.of(0, 3), held: Int32Array.of(5) },
  { kept: Int32Array.of(5), held: Int32Array.of(0, 7) },
];
const start = () => {
  const rng = createRng(4);
  return kernels.scope().copy(Float32Array.from({ length: items * d }, () => rng.normal()));
};
const lossOf = (rows: Float32Array, negatives: number, seed = 1) => {
  const gradient = kernels.scope().f32(items * d);
  const completion = { pool: "sqrt" as const, items, negatives, scale: 0.7 };
  const loss = completionBatch(kernels, rows, gradient, d, batch, completion, createRng(seed));
  return loss.then((value) => ({ loss: value, gradient }));
};

test("over all items it is the softmax of what is outside the kept half", async () => {
  const rows = start();
  const { loss } = await lossOf(rows, items);
  const row = (i: number) => rows.subarray(i * d, (i + 1) * d);
  const expected = batch.map(({ kept, held }) => {
    const query = Array.from(
      { length: d },
      (_, x) => kept.reduce((sum, h) => sum + row(h)[x]!, 0) / Math.sqrt(kept.length),
    );
    const score = (i: number) => query.reduce((sum, q, x) => sum + q * row(i)[x]!, 0);
    const others = Array.from({ length: items }, (_, i) => i).filter((i) => !kept.includes(i));
    const log = Math.log(others.reduce((sum, i) => sum + Math.exp(score(i)), 0));
    return held.reduce((sum, t) => sum + log - score(t), 0) / held.length;
  });
  expect(loss).toBeCloseTo(0.7 * (expected[0]! + expected[1]!), 4);
});

test.each([items, 2])("its gradient is that of finite differences, %i items drawn", async (negatives) => {
  const rows = start();
  const { gradient } = await lossOf(rows, negatives);
  const step = 1e-2;
  for (let i = 0; i < rows.length; i++) {
    const at = async (by: number) => {
      const moved = kernels.scope().copy(rows);
      moved[i]! += by;
      return (await lossOf(moved, negatives)).loss;
    };
    expect(gradient[i]).toBeCloseTo(((await at(step)) - (await at(-step))) / (2 * step), 2);
  }
});

test("drawn items stand for all: the loss is that over all items on average", async () => {
  const rows = start();
  const full = (await lossOf(rows, items)).loss;
  let mean = 0;
  for (let seed = 0; seed < 200; seed++) mean += (await lossOf(rows, 4, seed)).loss / 200;
  expect(Math.abs(mean - full) / full).toBeLessThan(0.05);
});
