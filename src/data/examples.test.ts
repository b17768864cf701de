import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { batches, type Examples } from "./examples.ts";

/** Row r holds values that tell r and the column. */
function make(n: number): Examples {
  const lengths = Array.from({ length: n }, (_, r) => r % 4);
  const start = Uint32Array.from([0, ...lengths]);
  for (let r = 0; r < n; r++) start[r + 1]! += start[r]!;
  return {
    n,
    label: Float32Array.from({ length: n }, (_, r) => r % 2),
    ids: Int32Array.from({ length: n * 2 }, (_, k) => k),
    fields: 2,
    numeric: Float32Array.from({ length: n * 3 }, (_, k) => k / 2),
    numbers: 3,
    bags: (["left", "right"] as const).map((pad) => ({
      name: pad,
      length: 3,
      start,
      ids: Int32Array.from({ length: start[n]! }, (_, k) => 100 + k),
      pad,
    })),
    dense: [{ name: "v", width: 1, values: Float32Array.from({ length: n }, (_, r) => r + 1) }],
  };
}

const list = (data: ArrayLike<number | bigint>) => Array.from(data, Number);

test("every example comes once, in order without a generator and in a seeded order with one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 }), fc.boolean(), (n, batch, shuffle) => {
      const examples = make(n);
      const seen: number[] = [];
      const again: number[] = [];
      const options = () => (shuffle ? { batch, rng: createRng(n) } : { batch });
      for (const { n: size, rows, feeds } of batches(examples, options())) {
        expect(size).toBe(Math.min(batch, n - seen.length));
        expect(feeds["label"]!.dims).toEqual([size]);
        expect(feeds["ids"]!.dims).toEqual([size, 2]);
        const ids = list(feeds["ids"]!.data);
        const [left, right] = [list(feeds["bag.left"]!.data), list(feeds["bag.right"]!.data)];
        for (const [r, row] of rows.entries()) {
          seen.push(row);
          expect(feeds["label"]!.data[r]).toBe(row % 2);
          expect(ids.slice(2 * r, 2 * r + 2)).toEqual([2 * row, 2 * row + 1]);
          expect(list(feeds["numeric"]!.data.slice(3 * r, 3 * r + 3))).toEqual([0, 1, 2].map((c) => (3 * row + c) / 2));
          expect(feeds["dense.v"]!.data[r]).toBe(row + 1);
          const kept = examples.bags[0]!.ids.slice(examples.bags[0]!.start[row]!, examples.bags[0]!.start[row + 1]!);
          const filler = Array.from({ length: 3 - kept.length }, () => 0);
          expect(left.slice(3 * r, 3 * r + 3)).toEqual([...filler, ...kept]);
          expect(right.slice(3 * r, 3 * r + 3)).toEqual([...kept, ...filler]);
          const mask = list(feeds["bag.right.mask"]!.data.slice(3 * r, 3 * r + 3));
          expect(mask).toEqual([0, 1, 2].map((c) => (c < kept.length ? 1 : 0)));
        }
      }
      for (const { rows } of batches(examples, options())) again.push(...rows);
      expect(again).toEqual(seen);
      const rising = Array.from({ length: n }, (_, r) => r);
      expect(shuffle ? seen.toSorted((a, b) => a - b) : seen).toEqual(rising);
    }),
    { numRuns: 60 },
  );
});

test("batches share their memory, and there are no feeds of nothing", () => {
  const arrays = new Set<ArrayBufferLike>();
  for (const { feeds } of batches(make(10), { batch: 4 })) arrays.add(feeds["ids"]!.data.buffer);
  expect(arrays.size).toBe(1);
  const bare = { ...make(3), fields: 0, numbers: 0, bags: [], dense: [], ids: new Int32Array(0) };
  const [only] = batches(bare, { batch: 8 });
  expect(Object.keys(only!.feeds)).toEqual(["label"]);
  expect([...batches({ ...bare, n: 0 }, { batch: 8 })]).toEqual([]);
});
