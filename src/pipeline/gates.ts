// The gates of a recipe, as they are judged: what a gate may be about, costs that can be limited, and checks that a run has
// what its gates ask for, made before anything is trained.

import { suggest, UserError } from "../base/errors.ts";
import { figureName } from "../evidence/evaluate.ts";
import { fidelityMeasures } from "../evidence/fidelity/fidelity.ts";
import { type Gate, type Gateable, type GateEntry, parseGate } from "../evidence/gates/gate.ts";
import type { Unit } from "../evidence/gates/quantity.ts";
import type { MetricMethod } from "../kinds/metric.ts";
import { allParameters, alone, latencyAt } from "../report/cost-figures.ts";
import type { Cost } from "../report/cost-results.ts";
import type { Speech } from "../report/gate-words.ts";
import { metricLabel } from "../report/measures.ts";
import type { Bench } from "./bench.ts";
import type { Recipe } from "./recipe.ts";

interface CostFigure {
  readonly label: string;
  readonly unit: Unit;
  of(cost: Cost): number;
}

/** What of a cost can be limited. */
export const costGates: Readonly<Record<string, CostFigure>> = {
  bytes: { label: "Bytes to ship", unit: "bytes", of: ({ bytes }) => bytes.raw },
  gzip: { label: "Bytes to ship (gzip)", unit: "bytes", of: ({ bytes }) => bytes.gzip },
  brotli: { label: "Bytes to ship (Brotli)", unit: "bytes", of: ({ bytes }) => bytes.brotli },
  latencyP50: { label: "Latency, median", unit: "milliseconds", of: (cost) => latencyAt(cost).p50 },
  latencyP95: { label: "Latency, 95th percentile", unit: "milliseconds", of: (cost) => latencyAt(cost).p95 },
  latencyP99: { label: "Latency, 99th percentile", unit: "milliseconds", of: (cost) => latencyAt(cost).p99 },
  memory: { label: "Memory to answer", unit: "bytes", of: ({ memory }) => memory.answering.bytes },
  flops: { label: "FLOPs of a request", unit: "count", of: ({ flops }) => alone(flops) },
  parameters: { label: "Parameters", unit: "count", of: allParameters },
  energy: { label: "Energy of 1,000 requests", unit: "joules", of: ({ energy }) => energy.joulesPerThousand },
};

export const costUnits: Readonly<Record<string, Unit>> = Object.fromEntries(
  Object.entries(costGates).map(([name, { unit }]) => [name, unit]),
);

/** Metrics by the names of their figures at each of `ks`. */
export const figuresOf = (
  metrics: readonly MetricMethod[],
  ks: readonly number[],
): Map<string, { readonly metric: MetricMethod; readonly k: number }> =>
  new Map(ks.flatMap((k) => metrics.map((metric) => [figureName(metric, k), { metric, k }] as const)));

/** What gates of recommenders may be about. */
export function gateable(metrics: readonly MetricMethod[], ks: readonly number[]): Gateable {
  const figures = [...figuresOf(metrics, ks)];
  const sides = { high: "least", low: "most" } as const;
  const fidelity = Object.entries(fidelityMeasures).map(([name, better]) => [name, sides[better]] as const);
  return {
    costs: costUnits,
    figures: Object.fromEntries([
      ...figures.map(([name, { metric }]) => [name, sides[metric.better]]),
      ...ks.flatMap((k) => fidelity.map(([name, side]) => [`${name}@${k}`, side])),
    ]),
    paired: figures.filter(([, { metric }]) => metric.perUser).map(([name]) => name),
    models: [],
  };
}

/** The gates that entries mean; `source` is where they stand, such as "shop.yaml: gates". */
export const parseGates = (entries: readonly GateEntry[], about: Gateable, source: string): Gate[] =>
  entries.map((entry, g) => parseGate(entry, about, `${source}[${g}]`));

/** Refuses a gate on a slice that a run does not have. */
export function checkSlices(gates: readonly Gate[], slices: readonly string[], source: string): void {
  for (const [g, { slice }] of gates.entries()) {
    if (slice === undefined || slices.includes(slice)) continue;
    const known = slices.length > 0 ? suggest(slice, slices) : "This run has no slices.";
    throw new UserError(`${source}[${g}].slice: there is no slice "${slice}" here. ${known}`);
  }
}

/** The gates of a recipe of recommenders; one on a slice that the bench does not have, or has not of it, is a UserError. */
export function gatesOf({ gates: entries, evaluate, name }: Recipe, { metrics, slices }: Bench): Gate[] {
  const source = `${name}: gates`;
  const gates = parseGates(entries, gateable(metrics, evaluate.ks), source);
  checkSlices(
    gates,
    slices.map((slice) => slice.name),
    source,
  );
  const figures = figuresOf(metrics, evaluate.ks);
  for (const [g, gate] of gates.entries()) {
    const about = gate.kind === "drop" ? gate.metric : gate.of;
    if (slices.find((slice) => slice.name === gate.slice)?.of !== "items") continue;
    if (figures.get(about)?.metric.judges === "hits") continue;
    throw new UserError(
      `${source}[${g}].slice: "${gate.slice}" is a slice of items, and ${about} is of whole lists; give a slice of users, such as cold.`,
    );
  }
  return gates;
}

/** How gates of recommenders are spoken of. */
export const speechOf = (metrics: readonly MetricMethod[], reference: string): Speech => ({
  label: (name) => costGates[name]?.label ?? metricLabel(name),
  better: (name) => {
    const [base = name] = name.split("@");
    return metrics.find((metric) => metric.name === base)?.better ?? "high";
  },
  unit: (name) => costUnits[name] ?? "number",
  ...{ units: "users", reference },
});
