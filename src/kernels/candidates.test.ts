import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { pullCandidates, scoreCandidates } from "./candidates.ts";
import { openSharedKernels } from "./open-shared.ts";

test("products and their gradient, whatever the width and however often a row is a candidate", async () => {
  const k = await openSharedKernels();
  const cases = fc.record({
    rows: fc.integer({ min: 2, max: 9 }),
    width: fc.integer({ min: 1, max: 37 }),
    n: fc.nat(12),
  });
  fc.assert(
    fc.property(cases, fc.integer(), ({ rows, width, n }, seed) => {
      const rng = createRng(seed);
      const scope = k.scope();
      const normal = (size: number) => scope.copy(Float32Array.from({ length: size }, () => rng.normal()));
      const [table, gradient, slopes, out] = [normal(rows * width), normal(rows * width), normal(n), scope.f32(n)];
      const [own, first] = [rng.below(rows), 1];
      const ids = scope.copy(Int32Array.from({ length: n }, () => rng.below(rows - 1)));
      const against = { ...{ table, width, own, first, ids } };
      const before = Float64Array.from(gradient);
      scoreCandidates(k, against, out);
      pullCandidates(k, against, slopes, gradient);
      const row = (r: number) => table.subarray(r * width, (r + 1) * width);
      ids.forEach((id, c) => {
        const dot = row(own).reduce((sum, x, i) => sum + x * row(first + id)[i]!, 0);
        expect(out[c]).toBeCloseTo(dot, 3);
        for (let i = 0; i < width; i++) {
          before[own * width + i]! += slopes[c]! * row(first + id)[i]!;
          before[(first + id) * width + i]! += slopes[c]! * row(own)[i]!;
        }
      });
      gradient.forEach((g, i) => {
        expect(g).toBeCloseTo(before[i]!, 3);
      });
      scope.free();
    }),
  );
});

test("what does not fit is refused", async () => {
  const k = await openSharedKernels();
  const scope = k.scope();
  const [table, out] = [scope.f32(12), scope.f32(2)];
  const against = (own: number, ids: number[]) => ({
    table,
    width: 4,
    own,
    first: 1,
    ids: scope.copy(Int32Array.from(ids)),
  });
  expect(() => scoreCandidates(k, against(3, [0, 1]), out)).toThrow("row 3 is not in a table of 3 rows");
  expect(() => scoreCandidates(k, against(0, [0, 2]), out)).toThrow("ids must be below 2, got 2");
  expect(() => scoreCandidates(k, against(0, [0, 1, 1]), out)).toThrow("out must have 3 elements");
  expect(() => pullCandidates(k, against(0, [0, 1]), out, scope.f32(8))).toThrow("gradient must have 12 elements");
  scope.free();
});
