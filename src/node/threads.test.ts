import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { Kernels } from "../kernels/kernels.ts";
import { openKernels } from "./threads.ts";

const opened: Kernels[] = [];
const open = async (threads?: number) => {
  const kernels = await openKernels(threads);
  opened.push(kernels);
  return kernels;
};
afterAll(() => Promise.all(opened.map((kernels) => kernels.close())));

/** `n` calls, each of which adds 1 to a row of its own; returns how often each ran. */
async function tally(kernels: Kernels, n: number, starts = 1): Promise<number[][]> {
  const scope = kernels.scope();
  try {
    const [one, ids] = [scope.copy(Float32Array.of(1)), scope.copy(Int32Array.from({ length: n }, (_, i) => i))];
    const tables = Array.from({ length: starts }, () => scope.f32(n));
    await Promise.all(
      tables.map((table) =>
        kernels.parallel(
          "scatterAdd",
          Array.from(ids, (_, i) => [one.byteOffset, ids.byteOffset + 4 * i, table.byteOffset, 1, 1]),
        ),
      ),
    );
    return tables.map((table) => [...table]);
  } finally {
    scope.free();
  }
}

describe.each([1, 2, 4])("%i threads", (threads) => {
  test("run every call exactly once", async () => {
    const kernels = await open(threads);
    expect(kernels.threads).toBe(threads);
    await fc.assert(
      fc.asyncProperty(fc.nat(200), async (n) => {
        expect(await tally(kernels, n)).toEqual([new Array(n).fill(1)]);
      }),
      { numRuns: 40 },
    );
  });

  test("run every call exactly once when several lists are started at the same time", async () => {
    const kernels = await open(threads);
    for (let round = 0; round < 20; round++) {
      expect(await tally(kernels, 150, 3)).toEqual(new Array(3).fill(new Array(150).fill(1)));
    }
  });

  test("a kernel that does not exist is a bug, and the next call works", async () => {
    const kernels = await open(threads);
    await expect(kernels.parallel("noSuchKernel", [[], []])).rejects.toThrow(
      'This is a bug in distilrec: there is no kernel "noSuchKernel"',
    );
    expect(await tally(kernels, 9)).toEqual([new Array(9).fill(1)]);
  });

  test("a trap is an error, and the next call works", async () => {
    const kernels = await open(threads);
    const beyond = 0x7fff_ff00;
    const calls = Array.from({ length: 8 }, () => [beyond, beyond, beyond, 1, 1]);
    await expect(kernels.parallel("scatterAdd", calls)).rejects.toThrow(/out of bounds/);
    expect(await tally(kernels, 50)).toEqual([new Array(50).fill(1)]);
  });
});

test("memory that grows while threads are waiting is seen by them", async () => {
  const kernels = await open(2);
  const scope = kernels.scope();
  const before = kernels.memory.buffer.byteLength;
  const large = scope.f32(2_000_000);
  expect(kernels.memory.buffer.byteLength).toBeGreaterThan(before);
  const ids = scope.copy(Int32Array.of(0));
  const one = scope.copy(Float32Array.of(1));
  const rows = [0, 1_000_000, 1_999_999];
  await kernels.parallel(
    "scatterAdd",
    rows.map((row) => [one.byteOffset, ids.byteOffset, large.byteOffset + 4 * row, 1, 1]),
  );
  expect(rows.map((row) => large[row])).toEqual([1, 1, 1]);
  scope.free();
});

test.each([0, -1, 1.5, 65, Number.NaN])("%f threads are refused in a sentence", (threads) => {
  expect(() => openKernels(threads)).toThrow(`threads must be a whole number from 1 to 64, got ${threads}.`);
});
