import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { forgetLookups, joinLookups, packLookups, type RowGradients, squaredNorm } from "./row-gradients.ts";

let k: Kernels;
beforeAll(async () => {
  k = await openKernels(1);
});

function open(rows: number, width: number, room: number): RowGradients & { free(): void } {
  const s = k.scope();
  const lists = { touched: s.i32(room), last: s.i32(room), next: s.i32(room), slotOf: s.i32(rows) };
  return { width, ...lists, values: s.f32(room * width), slots: 0, lookups: 0, free: s.free };
}

function append(waiting: RowGradients, ids: readonly number[], gradients: Float32Array): void {
  const s = k.scope();
  waiting.values.set(gradients, waiting.lookups * waiting.width);
  joinLookups(k, waiting, s.copy(Int32Array.from(ids)));
  s.free();
}

/** The summed gradient of each touched row, in the order of slots. */
const sums = ({ touched, last, values, slots, width }: RowGradients) =>
  Array.from({ length: slots }, (_, s) => [touched[s], [...values.subarray(last[s] * width, (last[s] + 1) * width)]]);

test("a row's gradients are summed in the order of its lookups, packed in between or not", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.array(fc.nat(11), { maxLength: 70 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (width, lookups, pack) => {
        const rng = createRng(width);
        const room = lookups.flat().length;
        const waiting = open(12, width, room);
        const wanted = new Map<number, Float32Array>();
        for (const ids of lookups) {
          const gradients = Float32Array.from({ length: ids.length * width }, () => rng.normal());
          ids.forEach((id, t) => {
            const own = gradients.slice(t * width, (t + 1) * width);
            const held = wanted.get(id);
            if (held)
              own.forEach((x, j) => {
                held[j] += x;
              });
            else wanted.set(id, own);
          });
          append(waiting, ids, gradients);
          if (pack) {
            packLookups(k, waiting);
            expect(waiting.lookups).toBe(wanted.size);
          }
        }
        const squares = squaredNorm(k, waiting);
        expect(sums(waiting)).toEqual([...wanted].map(([row, sum]) => [row, [...sum]]));
        // Σ x² in float64, in another order
        const plain = [...wanted.values()].flatMap((sum) => [...sum]).reduce((total, x) => total + x * x, 0);
        expect(Math.abs(squares - plain)).toBeLessThanOrEqual(1e-12 * plain);
        expect(squaredNorm(k, waiting)).toBe(squares);
        forgetLookups(k, waiting);
        expect(waiting.slotOf).toEqual(new Int32Array(12));
        expect([waiting.slots, waiting.lookups]).toEqual([0, 0]);
        waiting.free();
      },
    ),
  );
});

test("ids out of range and more lookups than there is room for are refused", () => {
  const waiting = open(4, 2, 3);
  for (const id of [4, -1]) expect(() => append(waiting, [0, id], new Float32Array(4))).toThrow("ids must be below 4");
  append(waiting, [3, 3], new Float32Array(4));
  expect(() => append(waiting, [0, 1], new Float32Array(0))).toThrow("there is room for 3 lookups, not for 2 more");
  waiting.free();
});
