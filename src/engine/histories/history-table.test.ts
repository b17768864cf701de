import { afterAll, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { openKernels } from "../../node/threads.ts";
import { createEmbeddingTable } from "../tables/embedding-table.ts";
import { givenRows } from "../tables/init.ts";
import { tableMemories } from "../tables/memories.ts";
import { historyTable } from "./history-table.ts";

const kernels = await openKernels(2);
afterAll(() => kernels.close());

const [items, width] = [9, 5];
const rng = createRng("histories");
const numbers = (n: number) => Float32Array.from({ length: n }, () => rng.normal());
// Users of three items, of none, and of two; item 4 is taken twice.
const batch = { indptr: Int32Array.of(0, 3, 3, 5), indices: Int32Array.of(1, 4, 8, 0, 4), weights: numbers(5) };
const users = Int32Array.of(0, 1, 2);

const open = async (data: Float32Array) => {
  const table = await createEmbeddingTable({
    ...{ memories: tableMemories(async () => kernels), rows: items, width },
    ...{ optimizer: { use: "sgd" }, init: givenRows(data) },
  });
  return { table, histories: historyTable(kernels, table) };
};

test("gathers weighted sums of the items' rows, zero without items", async () => {
  const data = numbers(items * width);
  const { table, histories } = await open(data);
  histories.enter(batch);
  const got = new Float32Array(3 * width);
  await histories.gather(users, got);
  const wanted = new Float32Array(3 * width);
  for (const u of users) {
    for (let e = batch.indptr[u]!; e < batch.indptr[u + 1]!; e++) {
      for (let x = 0; x < width; x++)
        wanted[u * width + x]! += batch.weights[e]! * data[batch.indices[e]! * width + x]!;
    }
  }
  for (const [at, x] of wanted.entries()) expect(got[at]).toBeCloseTo(x, 5);
  table.free();
});

test("a gradient reaches each item by its weight, and no other row moves", async () => {
  const data = numbers(items * width);
  const { table, histories } = await open(data);
  histories.enter(batch);
  const gradient = numbers(3 * width);
  await histories.accumulate(users, gradient);
  await histories.apply({ learningRate: 1, step: 1 });
  const wanted = Float32Array.from(data);
  for (const u of users) {
    for (let e = batch.indptr[u]!; e < batch.indptr[u + 1]!; e++) {
      for (let x = 0; x < width; x++) {
        wanted[batch.indices[e]! * width + x]! -= batch.weights[e]! * gradient[u * width + x]!;
      }
    }
  }
  const got = histories.table();
  for (const [at, x] of wanted.entries()) expect(got[at]).toBeCloseTo(x, 5);
  for (const item of [2, 3, 5, 6, 7]) {
    expect(got.subarray(item * width, (item + 1) * width)).toEqual(data.subarray(item * width, (item + 1) * width));
  }
  table.free();
});
