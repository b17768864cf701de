import fc from "fast-check";
import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openSharedKernels } from "./open-shared.ts";
import { openTopology } from "./topology.ts";

type Rows = number[][];
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const unit = (row: readonly number[]) => row.map((x) => x / (Math.hypot(...row) || 1));
const sum = (rows: Rows) => rows[0]!.map((_, c) => rows.reduce((total, row) => total + row[c]!, 0));

/** Σ over pairs of one group, and over groups' centres and nodes, of (cos_t - cos_s)² - cos_t²; `held` is Q. */
function gapOfPairs(groups: number[][], theirs: Rows, own: Rows, held: Rows | undefined): number {
  const [t, s] = [theirs.map(unit), own.map(unit)];
  let gap = 0;
  for (const group of groups) {
    for (const i of group) {
      for (const j of group) gap += (dot(t[i]!, t[j]!) - dot(s[i]!, s[j]!)) ** 2 - dot(t[i]!, t[j]!) ** 2;
    }
  }
  if (!held) return gap;
  const met = groups.flat();
  groups.forEach((group, g) => {
    if (group.length === 0) return;
    const centre = unit(sum(group.map((i) => theirs[i]!)));
    for (const i of met) gap += (dot(centre, t[i]!) - dot(held[g]!, s[i]!)) ** 2 - dot(centre, t[i]!) ** 2;
  });
  return gap;
}

test("the gap of all pairs and of centres, without a matrix of them, and its gradient", async () => {
  const k = await openSharedKernels();
  const cases = fc.record({
    n: fc.integer({ min: 1, max: 150 }),
    // A row of one number has no direction to turn, and near 0 differences jump.
    d: fc.integer({ min: 2, max: 9 }),
    width: fc.integer({ min: 1, max: 21 }),
    count: fc.integer({ min: 1, max: 4 }),
    centres: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(cases, fc.integer(), async ({ n, d, width, count, centres }, seed) => {
      const rng = createRng(seed);
      const scope = k.scope();
      const draw = (w: number) => Array.from({ length: n }, () => Array.from({ length: w }, () => rng.normal()));
      const [theirs, own] = [draw(width), draw(d)];
      // Some nodes are in no batch.
      const groups: number[][] = Array.from({ length: count }, () => []);
      for (let i = 0; i < n; i++) if (rng.uniform() < 0.8) groups[rng.below(count)]!.push(i);
      const placed = {
        ...{ table: scope.copy(Float32Array.from(own.flat())), gradient: scope.f32(n * d), d },
        ...{ teacher: scope.copy(Float32Array.from(theirs.flat())), width },
      };
      const first = scope.i32(count + 1);
      groups.forEach((group, g) => {
        first[g + 1] = first[g]! + group.length;
      });
      const topology = openTopology(k, scope, placed, count, centres);
      const value = await topology.step({ nodes: scope.copy(Int32Array.from(groups.flat())), first }, 0.5);
      const held = centres
        ? groups.map((group) => unit(group.length ? sum(group.map((i) => own[i]!)) : own[0]!))
        : undefined;
      const gap = (rows: Rows) => 0.5 * gapOfPairs(groups, theirs, rows, held);
      expect(Math.abs(value - gap(own))).toBeLessThan(1e-3 * (1 + Math.abs(value)) + 1e-5 * n * n);
      const way = draw(d);
      const moved = (step: number) => own.map((row, i) => row.map((x, c) => x + step * way[i]![c]!));
      const slope = dot([...placed.gradient], way.flat());
      const found = (gap(moved(1e-5)) - gap(moved(-1e-5))) / 2e-5;
      const size = Math.hypot(...placed.gradient) * Math.hypot(...way.flat());
      expect(Math.abs(slope - found)).toBeLessThan(1e-3 * size + 1e-2);
      scope.free();
    }),
    { numRuns: 40 },
  );
});
