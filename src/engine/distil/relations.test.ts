import { expect, test } from "vitest";
import { runGraph } from "../../../test/run-graph.ts";
import { createRng } from "../../base/rng.ts";
import { buildGraph } from "../../graph/builder.ts";
import { type Ops, opsOn } from "../../graph/ops.ts";
import { typedBuilder } from "../../graph/typed-builder.ts";
import { select } from "./experts.ts";
import { directions, relationGap, relationGapWithin } from "./relations.ts";

const [n, wide, narrow, groups] = [150, 7, 3, 4];
const rng = createRng("relations");
const rows = (width: number) => Array.from({ length: n }, () => Array.from({ length: width }, () => rng.normal()));
const [teacher, student] = [rows(wide), rows(narrow)];
const counted = Array.from({ length: n }, (_, i) => (i % 5 === 0 ? 0 : 1));

const unit = (row: readonly number[], r: number) => row.map((x) => (counted[r]! * x) / Math.hypot(...row));
const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Σ over pairs of (cos_t - cos_s)² - cos_t². */
function gapOfPairs(paired: (i: number, j: number) => boolean): number {
  const [t, s] = [teacher.map(unit), student.map(unit)];
  let gap = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if (!paired(i, j)) continue;
      const [theirs, own] = [dot(t[i]!, t[j]!), dot(s[i]!, s[j]!)];
      gap += (theirs - own) ** 2 - theirs ** 2;
    }
  }
  return gap;
}

async function run(build: (g: Ops, t: string, s: string) => Record<string, string>) {
  const { graph } = buildGraph("relations", 21);
  const g = opsOn(typedBuilder(graph, {}));
  const float = (name: string, values: number[][]) =>
    g.float(name, [n, values[0]!.length], Float32Array.from(values.flat()));
  const weight = g.float("weight", [n], Float32Array.from(counted));
  const outputs = build(g, directions(g, float("t", teacher), weight), directions(g, float("s", student), weight));
  for (const [name, value] of Object.entries(outputs)) g.output(value, name, g.dims(value));
  return runGraph(graph, {});
}

test("all pairs, without a matrix of them", async () => {
  const { gap } = await run((g, t, s) => ({ gap: relationGap(g, t, s) }));
  expect(gap![0]! / gapOfPairs(() => true)).toBeCloseTo(1, 4);
});

test("pairs of one group, whatever the groups' sizes", async () => {
  const { gap, member } = await run((g, t, s) => {
    const noise = g.float(
      "noise",
      [n, groups],
      Float32Array.from({ length: n * groups }, () => rng.uniform()),
    );
    const chosen = select(
      {
        ...{ g, progress: g.scalar(0.5), gumbel: () => noise, filtered: () => ({ student: "", teacher: "" }) },
        weight: (name, dims, init) => g.float(name, dims, init(createRng(name), dims)),
      },
      ...(["user", t, groups] as const),
    );
    return { gap: relationGapWithin(g, chosen, t, s), member: chosen.member };
  });
  const groupOf = Array.from({ length: n }, (_, i) => member!.slice(i * groups, (i + 1) * groups).indexOf(1));
  expect(new Set(groupOf).size).toBeGreaterThan(1);
  expect(gap![0]! / gapOfPairs((i, j) => groupOf[i] === groupOf[j])).toBeCloseTo(1, 4);
});
