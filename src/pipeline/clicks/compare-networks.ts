// compare, of two sealed networks: is B worse than A by more than a margin, over the same rows?

import { createRng } from "../../base/rng.ts";
import { clickMetrics } from "../../data/click-metrics/index.ts";
import { checkScored } from "../../data/click-metrics/measure.ts";
import { takeScored } from "../../data/click-metrics/take-scored.ts";
import type { DropGate } from "../../evidence/gates/gate.ts";
import { type Compared, comparedOf, overallVerdict } from "../../report/comparison.ts";
import { dropOutcome } from "../../report/gate-words.ts";
import type { Found, Margin } from "../compare.ts";
import { checkSlices } from "../gates.ts";
import { clickSpeech, decideRows } from "./judge-networks.ts";
import type { ClickRecipe } from "./recipe.ts";
import type { ScoredArtifacts } from "./score-artifacts.ts";

/** Compares the second of the scored networks with the first; metrics that the rows do not define are left out. */
export function compareNetworks(
  { scored, slices }: Pick<ScoredArtifacts, "scored" | "slices">,
  margin: Margin,
  { evaluate, seed }: Pick<ClickRecipe, "evaluate" | "seed">,
): Found {
  const gate = (metric: string, type: DropGate["type"]): DropGate => ({ kind: "drop", metric, ...margin, type });
  checkSlices(
    [gate("", margin.type)],
    slices.map(({ name }) => name),
    "compare",
  );
  const slice = slices.find(({ name }) => name === margin.slice);
  const [a, b] = scored.map((all) => (slice ? takeScored(all, slice.rows) : all));
  for (const rows of [a!, b!]) checkScored(rows);
  const rng = createRng(seed).fork("compare");
  const speech = clickSpeech(a!, "A");
  const metrics: Record<string, Compared> = {};
  let units = 0;
  for (const name of evaluate.metrics) {
    const [ofA, ofB] = [a!, b!].map((rows) => clickMetrics[name].measure(rows, evaluate));
    if (!Number.isFinite(ofA) || !Number.isFinite(ofB)) continue;
    const test = (type: DropGate["type"]) => decideRows(gate(name, type), a!, b!, evaluate, rng.fork(name));
    const decision = test(margin.type);
    const absolute = margin.type === "absolute" ? decision : test("absolute");
    const drop = { interval: absolute.interval, better: clickMetrics[name].better };
    metrics[name] = comparedOf(ofA!, ofB!, drop, dropOutcome(gate(name, margin.type), decision, speech));
    units = Math.max(units, decision.units);
  }
  return {
    ...{ part: evaluate.part, ...(margin.slice !== undefined && { slice: margin.slice }) },
    ...{ margin: { value: margin.maxDrop, type: margin.type }, confidence: 1 - margin.alpha },
    ...{ units: { name: speech.units, count: units }, metrics, verdict: overallVerdict(metrics) },
  };
}
