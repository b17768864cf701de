import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../../base/rng.ts";
import { openKernels } from "../../node/threads.ts";
import { createEmbeddingTable, type EmbeddingTable, type Ids } from "./embedding-table.ts";
import { givenRows, normalRows } from "./init.ts";
import { type TableMemories, tableMemories } from "./memories.ts";
import { type TableOptimizerOptions, tableOptimizerOptions } from "./options.ts";
import { rowBytes } from "./shard.ts";

const optimizers: readonly TableOptimizerOptions[] = [
  { use: "sgd", weightDecay: 0.01 },
  { use: "adagrad", initial: 0.1 },
  { use: "rowwise-adagrad", weightDecay: 0.01 },
  { use: "adam" },
  { use: "adamw", weightDecay: 0.01 },
];

let one: TableMemories;
let three: TableMemories;
beforeAll(() => {
  one = tableMemories(() => openKernels(1));
  three = tableMemories(() => openKernels(3));
});
afterAll(() => Promise.all([one.close(), three.close()]));

const normals = (n: number, seed: string) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: n }, () => rng.normal());
};

const bytesOf = (array: Float32Array) => Buffer.from(array.slice().buffer);

/** Steps with repeated ids, two lookups a step. */
async function train(table: EmbeddingTable, n: number, steps: readonly number[], scale = 1): Promise<void> {
  for (const step of steps) {
    const rng = createRng(step);
    for (let lookup = 0; lookup < 2; lookup++) {
      // Squared, so that low rows repeat within a lookup.
      const ids = Int32Array.from({ length: n }, () => Math.floor(rng.uniform() ** 2 * table.rows));
      const gradients = Float32Array.from({ length: n * table.width }, () => rng.uniform() - 0.5);
      await table.accumulate(ids, gradients);
    }
    await table.apply({ learningRate: 0.1, step, scale });
  }
}

test("gather gives the rows of int32 and int64 ids, repeats included", async () => {
  const data = normals(7 * 5, "data");
  const table = await createEmbeddingTable({
    ...{ memories: one, rows: 7, width: 5, optimizer: { use: "sgd" } },
    init: givenRows(data),
  });
  for (const ids of [Int32Array.of(6, 0, 3, 3), BigInt64Array.of(6n, 0n, 3n, 3n)]) {
    const into = new Float32Array(20).fill(9);
    await table.gather(ids, into);
    expect(into).toEqual(Float32Array.from([6, 0, 3, 3].flatMap((row) => [...data.subarray(row * 5, row * 5 + 5)])));
  }
  await table.gather(new Int32Array(0), new Float32Array(0));
  expect(table.table()).toEqual(data);
  table.free();
});

test("one step sums a row's gradients in the order of the lookups and leaves other rows alone", async () => {
  const table = await createEmbeddingTable({ memories: one, rows: 5, width: 2, optimizer: { use: "sgd" } });
  await table.accumulate(Int32Array.of(4, 1, 4), Float32Array.of(1, 2, 3, 4, 5, 6));
  await table.accumulate(Int32Array.of(1), Float32Array.of(10, 20));
  expect(table.squaredNorm()).toBe(6 ** 2 + 8 ** 2 + 13 ** 2 + 24 ** 2);
  await table.apply({ learningRate: 1, step: 1, scale: 0.5 });
  expect([...table.table()]).toEqual([0, 0, -6.5, -12, 0, 0, 0, 0, -3, -4]);
  expect(table.squaredNorm()).toBe(0);
  await table.apply({ learningRate: 1, step: 2 });
  expect(table.table()[8]).toBe(-3);
  table.free();
});

test.each(optimizers)("$use: memories, threads and how lookups are cut never change a bit", async (optimizer) => {
  // Enough for the kernels to use their threads.
  const [rows, width] = [3001, 40];
  const init = () => normalRows(createRng("start"), 0.1);
  const few = tableMemories(() => openKernels(2), 777 * rowBytes(tableOptimizerOptions.parse(optimizer), width));
  const results: string[][] = [];
  for (const memories of [one, three, few]) {
    const table = await createEmbeddingTable({ memories, rows, width, optimizer, init: init() });
    expect(table.state()["rows"]).toHaveLength(memories === few ? 4 : 1);
    await train(table, 7000, [1, 2], 0.7);
    const ids = BigInt64Array.from({ length: 7000 }, (_, t) => BigInt((t * 7) % rows));
    const into = new Float32Array(7000 * width);
    await table.gather(ids, into);
    const whole = Object.values(table.state()).map((parts) => Buffer.concat(parts.map(bytesOf)));
    results.push(
      [into, table.table()]
        .map(bytesOf)
        .concat(whole)
        .map((bytes) => bytes.toString("latin1")),
    );
    table.free();
  }
  for (const other of [1, 2]) {
    const equal = results[other]!.map((bytes, i) => bytes === results[0]![i]);
    expect(equal).toEqual(equal.map(() => true));
  }
  await few.close();
});

test.each(optimizers)(
  "$use: a state that is loaded goes on to the same bits, in other memories too",
  async (optimizer) => {
    const [rows, width] = [50, 3];
    const few = tableMemories(() => openKernels(1), 17 * rowBytes(tableOptimizerOptions.parse(optimizer), width));
    const options = { memories: one, rows, width, optimizer };
    const first = await createEmbeddingTable({ ...options, init: normalRows(createRng(1), 1) });
    await train(first, 60, [1, 2]);
    const saved = Object.fromEntries(
      Object.entries(first.state()).map(([name, parts]) => [name, parts.map((part) => part.slice())]),
    );
    const second = await createEmbeddingTable({ ...options, memories: few });
    await second.accumulate(Int32Array.of(1), Float32Array.of(1, 1, 1));
    second.load(saved);
    for (const table of [first, second]) await train(table, 60, [3, 4]);
    expect(second.table()).toEqual(first.table());
    const third = await createEmbeddingTable({ ...options, memories: one });
    third.load(second.state());
    expect(third.table()).toEqual(first.table());
    expect(() => third.load({ rows: [new Float32Array(149)] })).toThrow(
      '"rows" of an embedding table must have 150 numbers, got 149',
    );
    for (const table of [first, second, third]) table.free();
    await few.close();
  },
);

test("squaredNorm is the same for any memories, near Σ g² of the summed rows", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer(),
      async (n, width, seed) => {
        const rng = createRng(seed);
        const table = await createEmbeddingTable({ memories: one, rows: 6, width, optimizer: { use: "sgd" } });
        const ids = Int32Array.from({ length: n }, () => rng.below(6));
        const gradients = normals(n * width, String(seed));
        await table.accumulate(ids, gradients);
        const sums = new Float64Array(6 * width);
        ids.forEach((id, t) => {
          for (let j = 0; j < width; j++) sums[id * width + j]! += gradients[t * width + j]!;
        });
        const want = sums.reduce((sum, x) => sum + x * x, 0);
        // float32 sums of at most 40 numbers
        expect(Math.abs(table.squaredNorm() - want)).toBeLessThan(1e-5 * (1 + want));
        table.free();
      },
    ),
    { numRuns: 30 },
  );
});

test("hostile ids and wrong sizes are refused, and nothing is changed", async () => {
  const few = tableMemories(() => openKernels(1), 4 * rowBytes(tableOptimizerOptions.parse({ use: "sgd" }), 2));
  for (const memories of [one, few]) {
    const table = await createEmbeddingTable({ memories, rows: 9, width: 2, optimizer: { use: "sgd" } });
    const hostile: [Ids, string][] = [
      [Int32Array.of(0, 9), "ids[1] must be from 0 to 8, got 9"],
      [Int32Array.of(-1, 0), "ids[0] must be from 0 to 8, got -1"],
      [BigInt64Array.of(0n, 2n ** 32n), "ids[1] must be from 0 to 8, got 4294967296"],
      [BigInt64Array.of(-(2n ** 63n), 1n), "ids[0] must be from 0 to 8, got -9223372036854775808"],
      [BigInt64Array.of(0n, -1n), "ids[1] must be from 0 to 8, got -1"],
    ];
    for (const [ids, message] of hostile) {
      await expect(table.gather(ids, new Float32Array(4))).rejects.toThrow(RangeError(message));
      await expect(table.accumulate(ids, new Float32Array(4).fill(1))).rejects.toThrow(RangeError(message));
    }
    await expect(table.gather(Int32Array.of(0), new Float32Array(3))).rejects.toThrow(
      "into must have 2 elements, got 3",
    );
    await expect(table.accumulate(Int32Array.of(0), new Float32Array(1))).rejects.toThrow("gradients must have 2");
    expect(table.squaredNorm()).toBe(0);
    table.free();
  }
  await few.close();
});

test("a table of no rows, one that is too wide for a memory and data that is too short are refused", async () => {
  const make = (rows: number, width: number, memories = one) =>
    createEmbeddingTable({ memories, rows, width, optimizer: { use: "sgd" }, init: givenRows(new Float32Array(3)) });
  for (const [rows, width] of [
    [0, 4],
    [4, 0],
    [2 ** 31, 1],
    [1.5, 2],
  ] as const) {
    await expect(make(rows, width)).rejects.toThrow("an embedding table must have from 1");
  }
  const tiny = tableMemories(() => openKernels(1), 16);
  await expect(make(1, 4, tiny)).rejects.toThrow(
    "one row of 4 numbers takes 20 B, a memory holds 16 B; use a smaller width",
  );
  await expect(make(2, 2)).rejects.toThrow("the given rows end after 3 numbers; the table needs 4 or more");
});

test("a mistake in the optimiser is a sentence, and a state that does not fit changes nothing", async () => {
  const options = { memories: one, rows: 2, width: 2, optimizer: { use: "adagrad", epsilon: 0 } } as const;
  await expect(createEmbeddingTable(options)).rejects.toThrow(
    "optimizer of an embedding table: epsilon must be more than 0, got 0.",
  );
  const table = await createEmbeddingTable({ ...options, optimizer: { use: "adagrad" } });
  expect(() => table.load({ rows: [Float32Array.of(1, 2, 3, 4)] })).toThrow('"accumulator" of an embedding table');
  expect(table.table()).toEqual(new Float32Array(4));
  table.free();
});

test("freed memory is taken again", async () => {
  let opened = 0;
  const memories = tableMemories(
    () => {
      opened++;
      return openKernels(1);
    },
    1000 * rowBytes(tableOptimizerOptions.parse({ use: "adam" }), 8),
  );
  for (let i = 0; i < 5; i++) {
    const table = await createEmbeddingTable({ memories, rows: 1500, width: 8, optimizer: { use: "adam" } });
    await train(table, 100, [1]);
    table.free();
  }
  expect(opened).toBe(2);
  await memories.close();
});
