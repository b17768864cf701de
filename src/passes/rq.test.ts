import { expect, test } from "vitest";
import { pass32, withKernels } from "../../test/pass-runs.ts";
import { createRng } from "../base/rng.ts";
import { decodeTable } from "../tables/decode.ts";
import { type Table, tableBytes } from "../tables/table.ts";
import rq from "./rq.ts";

const kernels = withKernels();
const [rows, cols] = [2000, 24];
/** Sums of a strong and a weaker vector out of few, and a little beside. */
const rng = createRng("rq");
const parts = [4, 1].map((size) => Float32Array.from({ length: 20 * cols }, () => size * rng.normal()));
const data = Float32Array.from({ length: rows * cols }, () => 0.05 * rng.normal());
for (let r = 0; r < rows; r++) {
  for (const part of parts) {
    const at = rng.below(20) * cols;
    for (let c = 0; c < cols; c++) data[r * cols + c]! += part[at + c]!;
  }
}
const lossOf = async (options: object) => {
  const table = (await pass32(rq, options, kernels(), rows, cols, data)) as Table;
  const after = decodeTable(table);
  const lost = data.reduce((sum, x, i) => sum + (x - after[i]!) ** 2, 0);
  return { lost: lost / data.reduce((sum, x) => sum + x * x, 0), bytes: tableBytes(table) };
};

test("a sum of two vectors is found by two stages, in two bytes a row", async () => {
  const { lost, bytes } = await lossOf({ stages: 2 });
  expect(bytes).toBe(rows * 2 + 2 * 125 * cols * 2 + 12);
  expect(lost).toBeLessThan(0.01);
});

test("a wider beam and more stages lose less, and no stage makes a row worse", async () => {
  const greedy = await lossOf({ stages: 3, beam: 1 });
  expect((await lossOf({ stages: 3, beam: 8 })).lost).toBeLessThan(greedy.lost);
  expect((await lossOf({ stages: 6, beam: 1 })).lost).toBeLessThan(greedy.lost);
});

test("codebooks of 8 bits take half the bytes, and stages that follow mend what they round", async () => {
  const [half, eight] = [await lossOf({ stages: 3 }), await lossOf({ stages: 3, codebooks: "int8" })];
  expect(half.bytes - eight.bytes).toBe(3 * (125 * cols - 4));
  expect(eight.lost).toBeLessThan(1.01 * half.lost);
});

test("refuses a table of too few rows", async () => {
  expect(await pass32(rq, {}, kernels(), 20, 64, new Float32Array(1280))).toEqual({
    refused: "its 20 rows are too few for codebooks",
  });
});
