import fc from "fast-check";
import { expect, test } from "vitest";
import { fromRows } from "../../../test/boards.ts";
import { createRng } from "../../base/rng.ts";
import { type Interactions, sequenceOf } from "../../data/interactions.ts";
import { sequenceBatches } from "./batches.ts";

const items = 40;
const data = fc
  .array(fc.uniqueArray(fc.nat(items - 1), { maxLength: 30 }), { minLength: 1, maxLength: 12 })
  .map((rows): Interactions => {
    // The k-th item of a list comes k-th in time.
    const board = fromRows(
      rows.map((row) => [...row].sort((a, b) => a - b)),
      items,
    );
    const times = rows.flatMap((row) => [...row].sort((a, b) => a - b).map((item) => row.indexOf(item)));
    return { ...board, times: Float64Array.from(times) };
  });

test("an epoch holds each of the latest steps of every user once, the latest last, behind zeros", () => {
  fc.assert(
    fc.property(data, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5 }), (train, length, batch) => {
      const steps: string[] = [];
      for (const { feeds, targets } of sequenceBatches(train, { length, batch }, createRng(1))) {
        const { history, target, mask } = feeds;
        const [rows, places] = mask.dims as [number, number];
        expect(rows).toBeLessThanOrEqual(batch);
        expect(places).toBeLessThanOrEqual(length);
        expect([history.dims, target.dims]).toEqual([mask.dims, mask.dims]);
        let met = 0;
        for (let b = 0; b < rows; b++) {
          for (let p = 0; p < places; p++) {
            const at = b * places + p;
            if (mask.data[at] === 0) {
              // What is left out stands in front.
              expect([history.data[at], target.data[at], p === 0 || mask.data[at - 1] === 0]).toEqual([0n, 0n, true]);
              continue;
            }
            if (p + 1 < places) expect(history.data[at + 1]).toBe(target.data[at]);
            steps.push(`${history.data[at]} ${target.data[at]}`);
            met++;
          }
          expect(mask.data[(b + 1) * places - 1]).toBe(1);
        }
        expect(targets).toBe(met);
      }
      const wanted: string[] = [];
      for (let user = 0; user < train.users; user++) {
        const latest = sequenceOf(train, user).slice(-length - 1);
        for (let i = 0; i + 1 < latest.length; i++) wanted.push(`${latest[i]} ${latest[i + 1]}`);
      }
      expect(steps.sort()).toEqual(wanted.sort());
    }),
  );
});

test("the order is the generator's", () => {
  const train = fromRows(
    Array.from({ length: 20 }, (_, u) => [u, u + 1, u + 2]),
    items,
  );
  const epoch = (seed: number) =>
    sequenceBatches(train, { length: 5, batch: 4 }, createRng(seed)).map(({ feeds }) => [...feeds.history.data].join());
  expect(epoch(1)).toEqual(epoch(1));
  expect(epoch(1)).not.toEqual(epoch(2));
});
