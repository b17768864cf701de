import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import { type Chains, chainRows, clearChains, packChains, sumChains } from "./chains.ts";
import type { Kernels } from "./kernels.ts";

let k: Kernels;
beforeAll(async () => {
  k = await openKernels(1);
});

function open(rows: number, width: number, room: number): Chains & { free(): void } {
  const s = k.scope();
  const [touched, first, last, next] = [s.i32(room), s.i32(room), s.i32(room), s.i32(room)];
  const lists = { touched, first, last, next, slotOf: s.i32(rows), gradients: s.f32(room * width) };
  return { width, ...lists, slots: 0, lookups: 0, free: s.free };
}

function append(chains: Chains, ids: readonly number[], gradients: Float32Array): void {
  const s = k.scope();
  chains.gradients.set(gradients, chains.lookups * chains.width);
  chainRows(k, chains, s.copy(Int32Array.from(ids)));
  s.free();
}

/** The summed gradient of each touched row, in the order of slots. */
const sums = ({ touched, first, gradients, slots, width }: Chains) =>
  Array.from({ length: slots }, (_, s) => [
    touched[s],
    [...gradients.subarray(first[s] * width, (first[s] + 1) * width)],
  ]);

test("a row's gradients are summed in the order of its lookups, packed in between or not", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.array(fc.nat(11), { maxLength: 70 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      (width, lookups, pack) => {
        const rng = createRng(width);
        const room = lookups.flat().length;
        const chains = open(12, width, room);
        const wanted = new Map<number, Float32Array>();
        for (const ids of lookups) {
          const gradients = Float32Array.from({ length: ids.length * width }, () => rng.normal());
          ids.forEach((id, t) => {
            const own = gradients.slice(t * width, (t + 1) * width);
            const held = wanted.get(id);
            if (held) own.forEach((x, j) => void (held[j] += x));
            else wanted.set(id, own);
          });
          append(chains, ids, gradients);
          if (pack) {
            packChains(k, chains);
            expect(chains.lookups).toBe(wanted.size);
          }
        }
        const squares = sumChains(k, chains);
        expect(sums(chains)).toEqual([...wanted].map(([row, sum]) => [row, [...sum]]));
        // Σ x² in float64, in another order
        const plain = [...wanted.values()].flatMap((sum) => [...sum]).reduce((total, x) => total + x * x, 0);
        expect(Math.abs(squares - plain)).toBeLessThanOrEqual(1e-12 * plain);
        expect(sumChains(k, chains)).toBe(squares);
        clearChains(k, chains);
        expect(chains.slotOf).toEqual(new Int32Array(12));
        expect([chains.slots, chains.lookups]).toEqual([0, 0]);
        chains.free();
      },
    ),
  );
});

test("ids out of range and more lookups than there is room for are refused", () => {
  const chains = open(4, 2, 3);
  for (const id of [4, -1]) expect(() => append(chains, [0, id], new Float32Array(4))).toThrow("ids must be below 4");
  append(chains, [3, 3], new Float32Array(4));
  expect(() => append(chains, [0, 1], new Float32Array(0))).toThrow("chains have room for 3 lookups, not 2 more");
  chains.free();
});
