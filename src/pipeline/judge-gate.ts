// One gate for one recommender: what it tests, user by user, against the teacher; or the figure that it reads off.

import { must } from "../base/errors.ts";
import type { Rng } from "../base/rng.ts";
import type { Evaluation } from "../evidence/evaluate.ts";
import { fidelityRanges } from "../evidence/fidelity/fidelity.ts";
import { decide } from "../evidence/gates/decide.ts";
import type { DropGate, Gate, LimitGate } from "../evidence/gates/gate.ts";
import { dropOf, meanOf } from "../evidence/gates/tested.ts";
import { type PerUserMetric, perUserValues, within } from "../evidence/per-user.ts";
import type { Cost } from "../report/cost-results.ts";
import type { GateOutcome } from "../report/evidence-results.ts";
import { dropOutcome, limitOutcome, readOutcome } from "../report/gate-words.ts";
import type { Bench } from "./bench.ts";
import type { Nearness } from "./compare-lists.ts";
import { costGates, figuresOf, speechOf } from "./gates.ts";
import type { Measured, Reference } from "./measure.ts";

/** What gates are judged by: a model, its teacher, how near they are, and what it costs. */
export interface Judged {
  readonly teacher: Reference;
  readonly own: Measured;
  readonly nearness: Nearness;
  readonly cost: Cost;
}

/** What became of the gate; `reference` is what words call the teacher. */
export function judgeGate(
  gate: Gate,
  judged: Judged,
  bench: Bench,
  ks: readonly number[],
  rng: Rng,
  reference: string = "the teacher",
): GateOutcome {
  const speech = speechOf(bench.metrics, reference);
  const stream = rng.fork(`gate ${JSON.stringify(gate)}`);
  if (gate.kind === "drop") return dropOutcome(gate, decideDrop(gate, judged, bench, ks, stream), speech);
  const cost = costGates[gate.of];
  if (cost) return readOutcome(gate, cost.of(judged.cost), speech);
  const values = limited(gate, judged, bench, ks);
  if (!values) return readOutcome(gate, overallOf(gate, judged.own.quality), speech);
  const range = fidelityRanges[gate.of.split("@")[0]!];
  const tested = meanOf(values, { side: gate.side, limit: gate.limit, range });
  return limitOutcome(gate, decide(tested, { ...gate, rng: stream }), speech);
}

/** The drop of a metric from the teacher's, user by user. */
export function decideDrop(
  gate: DropGate,
  { teacher, own }: Pick<Judged, "teacher" | "own">,
  bench: Bench,
  ks: readonly number[],
  rng: Rng,
): ReturnType<typeof decide> {
  const { metric, k } = must(figuresOf(bench.metrics, ks).get(gate.metric), gate.metric);
  const values = (of: Reference) => metricValues(of, metric as PerUserMetric, k, gate, bench);
  const relative = gate.type === "relative";
  const tested = dropOf(values(teacher), values(own), { better: metric.better, relative, limit: gate.maxDrop });
  return decide(tested, { ...gate, rng });
}

/** One value a user; undefined for a metric that is one number over all lists. */
function limited(
  gate: LimitGate,
  { own, nearness }: Judged,
  bench: Bench,
  ks: readonly number[],
): Float64Array | undefined {
  const near = nearness.values.get(gate.of);
  if (near) {
    const slice = bench.slices.find(({ name }) => name === gate.slice);
    return slice ? within(near, own.lists, slice.member) : near;
  }
  const { metric, k } = must(figuresOf(bench.metrics, ks).get(gate.of), gate.of);
  return metric.perUser && metricValues(own, metric as PerUserMetric, k, gate, bench);
}

const metricValues = (of: Reference, metric: PerUserMetric, k: number, { slice }: Gate, bench: Bench): Float64Array =>
  perUserValues(
    of.lists,
    bench.judgement,
    bench.catalogue,
    metric,
    k,
    bench.slices.find(({ name }) => name === slice),
  );

const overallOf = ({ of }: LimitGate, { metrics }: Evaluation): number | undefined => metrics[of];
