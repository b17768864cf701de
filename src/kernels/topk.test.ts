import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { topk } from "./topk.ts";

let k: Kernels;
beforeAll(async () => {
  k = await openKernels(1);
});

function plain(scores: Float32Array, n: number, excluded: Int32Array, top: number): number[] {
  const left = new Set(excluded);
  return Array.from({ length: n }, (_, i) => i)
    .filter((i) => !left.has(i) && !Number.isNaN(scores[i]))
    .sort((a, b) => (scores[a] === scores[b] ? a - b : scores[a] > scores[b] ? -1 : 1))
    .slice(0, top);
}

function check(values: Float32Array, n: number, exclude: number[], top: number) {
  const s = k.scope();
  try {
    const scores = s.copy(values);
    const excluded = s.copy(Int32Array.from([...new Set(exclude)].sort((a, b) => a - b)));
    const [items, kept] = [s.i32(top), s.f32(top)];
    const count = topk(k, scores, n, excluded, top, items, kept);
    const expected = plain(scores, n, excluded, top);
    expect([...items.subarray(0, count)]).toEqual(expected);
    expect(kept.subarray(0, count)).toEqual(Float32Array.from(expected, (i) => scores[i]));
  } finally {
    s.free();
  }
}

test("equals a full sort, with ties, NaN, infinities and exclusions", () => {
  const score = fc.oneof(
    fc.constantFrom(0, -0, 1, 2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    fc.float(),
  );
  fc.assert(
    fc.property(
      fc.array(score, { maxLength: 150 }),
      fc.array(fc.integer({ min: -3, max: 160 }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 160 }),
      (scores, exclude, top) => check(Float32Array.from(scores), scores.length, exclude, top),
    ),
    { numRuns: 500 },
  );
});

test("equals a full sort on long rows", () => {
  const rng = createRng("long");
  for (const levels of [20, 1e9]) {
    const scores = Float32Array.from({ length: 5003 }, () => rng.below(levels) / 7);
    const exclude = Array.from({ length: 400 }, () => rng.below(5003));
    for (const top of [1, 20, 700]) check(scores, 5001, exclude, top);
  }
});

test("short outputs are refused", () => {
  const s = k.scope();
  expect(() => topk(k, s.f32(4), 4, s.i32(0), 3, s.i32(2), s.f32(3))).toThrow("outItems must have at least 3");
  expect(() => topk(k, s.f32(4), 5, s.i32(0), 3, s.i32(3), s.f32(3))).toThrow("scores must have at least 5");
  s.free();
});
