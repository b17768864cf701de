// judge: whether every network passes the recipe's gates. A drop is against the network that the gate names, or against
// the recipe's first one.

import { must } from "../../base/errors.ts";
import { createRng, type Rng } from "../../base/rng.ts";
import { type ClickMetricName, clickMetrics } from "../../data/click-metrics/index.ts";
import type { ClickMetric, ClickMetricOptions, Scored } from "../../data/click-metrics/metric.ts";
import { takeScored } from "../../data/click-metrics/take-scored.ts";
import { decide } from "../../evidence/gates/decide.ts";
import type { DropGate, Gate } from "../../evidence/gates/gate.ts";
import { rowsDrop, rowsLimit } from "../../evidence/gates/tested-rows.ts";
import { clickMetricLabel } from "../../report/clicks/measures.ts";
import type { NetworkResult } from "../../report/clicks/results.ts";
import type { GateOutcome } from "../../report/evidence-results.ts";
import { dropOutcome, limitOutcome, readOutcome, type Speech } from "../../report/gate-words.ts";
import { costGates, costUnits } from "../gates.ts";
import type { MeasuredNetwork } from "./measure-networks.ts";
import type { Clicks } from "./read-clicks.ts";
import type { ClickRecipe } from "./recipe.ts";
import type { SealedNetwork } from "./seal-networks.ts";

/** Every network with the outcome of each gate, in the same order. */
export function judgeNetworks(
  sealed: readonly SealedNetwork[],
  measured: readonly Pick<MeasuredNetwork, "network" | "predictions">[],
  gates: readonly Gate[],
  clicks: Pick<Clicks, "slices">,
  { evaluate, seed }: Pick<ClickRecipe, "evaluate" | "seed">,
): SealedNetwork[] {
  if (gates.length === 0) return [...sealed];
  const scored = new Map(measured.map(({ network, predictions }) => [network.name, predictions]));
  const [first] = measured;
  return sealed.map((one) => {
    const { result } = one;
    const rng = createRng(seed).fork(`gates/${result.name}`);
    const outcomes = gates.flatMap((gate): GateOutcome[] => {
      const reference = referenceOf(gate, first!.network.name);
      if (reference === result.name) return [];
      const slice = clicks.slices.find(({ name }) => name === gate.slice);
      const rowsOf = (name: string): Scored => {
        const all = must(scored.get(name), name);
        return slice ? takeScored(all, slice.rows) : all;
      };
      const about = { rows: rowsOf(result.name), ...(reference !== undefined && { reference: rowsOf(reference) }) };
      return [judgeOne(gate, { ...about, cost: result.cost, against: reference ?? "" }, evaluate, rng)];
    });
    return { ...one, result: { ...result, gates: outcomes } };
  });
}

const referenceOf = (gate: Gate, first: string): string | undefined =>
  gate.kind === "drop" ? (gate.against ?? first) : undefined;

function judgeOne(
  gate: Gate,
  {
    rows,
    reference,
    cost,
    against,
  }: { rows: Scored; reference?: Scored; against: string } & Pick<NetworkResult, "cost">,
  options: ClickMetricOptions,
  rng: Rng,
): GateOutcome {
  const speech = clickSpeech(rows, against);
  const stream = rng.fork(`gate ${JSON.stringify(gate)}`);
  if (gate.kind === "drop") {
    return dropOutcome(gate, decideRows(gate, must(reference, "reference"), rows, options, stream), speech);
  }
  const read = costGates[gate.of];
  if (read) return readOutcome(gate, read.of(cost), speech);
  const tested = rowsLimit(metricOf(gate.of), rows, gate, options);
  return limitOutcome(gate, decide(tested, { ...gate, rng: stream }), speech);
}

/** The drop of a metric below the reference's, over the same rows. */
export const decideRows = (
  gate: DropGate,
  reference: Scored,
  own: Scored,
  options: ClickMetricOptions,
  rng: Rng,
): ReturnType<typeof decide> => {
  const margin = { relative: gate.type === "relative", limit: gate.maxDrop };
  return decide(rowsDrop(metricOf(gate.metric), reference, own, margin, options), { ...gate, rng });
};

/** How gates of networks are spoken of. */
export const clickSpeech = ({ group }: Scored, reference: string): Speech => ({
  label: (name) => costGates[name]?.label.replace("request", "row") ?? clickMetricLabel(name),
  better: (name) => (metricOf(name).better === "high" ? "high" : "low"),
  unit: (name) => costUnits[name] ?? "number",
  ...{ units: group ? "users" : "rows", reference },
});

const metricOf = (name: string): ClickMetric => clickMetrics[name as ClickMetricName];
