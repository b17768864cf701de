// compare, of two sealed recommenders: is B worse than A by more than a margin, user by user, and how near are its lists?

import { createRng } from "../base/rng.ts";
import type { Decision } from "../evidence/gates/decide.ts";
import type { DropGate } from "../evidence/gates/gate.ts";
import type { Comparison } from "../report/comparison.ts";
import { type Compared, comparedOf, overallVerdict } from "../report/comparison.ts";
import { dropOutcome } from "../report/gate-words.ts";
import type { Bench } from "./bench.ts";
import { nearnessTo } from "./compare-lists.ts";
import type { Parts } from "./divide.ts";
import { checkSlices, figuresOf, speechOf } from "./gates.ts";
import { decideDrop } from "./judge-gate.ts";
import type { Measured } from "./measure.ts";
import type { Recipe } from "./recipe.ts";
import type { Surroundings } from "./surroundings.ts";

/** What may be lost, how it is tested, and of whom. */
export interface Margin extends Pick<DropGate, "maxDrop" | "type" | "test" | "alpha" | "slice"> {}

/** What a comparison says beside the models' names and sizes. */
export type Found = Omit<Comparison, "a" | "b" | "notes">;

/** Compares `b` with `a`, both measured on the bench. */
export async function compareRecommenders(
  [a, b]: readonly [Measured, Measured],
  { bench, parts }: { readonly bench: Bench; readonly parts: Parts },
  margin: Margin,
  { evaluate, seed }: Recipe,
  around: Surroundings,
): Promise<Found> {
  const gate = (metric: string, type: DropGate["type"]): DropGate => ({ kind: "drop", metric, ...margin, type });
  checkSlices(
    [gate("", margin.type)],
    bench.slices.map(({ name }) => name),
    "compare",
  );
  const { fidelity } = await nearnessTo(a, bench, parts, evaluate, around)(b);
  const rng = createRng(seed).fork("compare");
  const slice = (of: Measured) => of.quality.slices.find(({ name }) => name === margin.slice);
  const figures = (of: Measured) => (margin.slice === undefined ? of.quality : slice(of))?.metrics ?? {};
  const metrics: Record<string, Compared> = {};
  let units = 0;
  for (const [name, { metric }] of figuresOf(bench.metrics, evaluate.ks)) {
    const [ofA, ofB] = [figures(a)[name], figures(b)[name]];
    if (ofA === undefined || ofB === undefined) continue;
    if (!metric.perUser) {
      metrics[name] = { a: ofA, b: ofB, difference: ofB - ofA };
      continue;
    }
    const test = (type: DropGate["type"]): Decision =>
      decideDrop(gate(name, type), { teacher: a, own: b }, bench, evaluate.ks, rng.fork(name));
    const decision = test(margin.type);
    const absolute = margin.type === "absolute" ? decision : test("absolute");
    const drop = { interval: absolute.interval, better: metric.better };
    const outcome = dropOutcome(gate(name, margin.type), decision, speechOf(bench.metrics, "A"));
    metrics[name] = comparedOf(ofA, ofB, drop, outcome);
    units = Math.max(units, decision.units);
  }
  return {
    ...{ part: evaluate.part, ...(margin.slice !== undefined && { slice: margin.slice }) },
    ...{ margin: { value: margin.maxDrop, type: margin.type }, confidence: 1 - margin.alpha },
    ...{ units: { name: "users", count: units }, metrics, fidelity, verdict: overallVerdict(metrics) },
  };
}
