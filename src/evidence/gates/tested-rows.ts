// What a gate on clicks tests: a metric of labelled rows that two networks scored. It need not be a mean, so each unit (a
// user's rows, or a row where users are not known) gets a pseudo-value whose mean is the metric and whose spread is the
// metric's, to first order (the infinitesimal jackknife; for AUC this is DeLong's test):
//
//   v_u = value + U / n · Σ_{r in u} ψ_r            U units, n rows
//
// The bootstrap draws units and computes the metric of both networks anew.

import type { ClickMetric, ClickMetricOptions, Scored } from "../../data/click-metrics/metric.ts";
import type { Tested } from "./decide.ts";
import { dropOf, meanOf } from "./tested.ts";

/** The drop of `own` below `reference`, over the same rows. What is best at 1 is judged by its distance from 1. */
export function rowsDrop(
  metric: ClickMetric,
  reference: Scored,
  own: Scored,
  { relative, limit }: { readonly relative: boolean; readonly limit: number },
  options?: ClickMetricOptions,
): Tested {
  const unitOf = units(reference);
  const values = [reference, own].map((rows) => far(metric, pseudoValues(metric, rows, unitOf, options)));
  const better = metric.better === "high" ? "high" : "low";
  const tested = dropOf(values[0]!, values[1]!, { better, relative, limit });
  const sign = better === "high" ? 1 : -1;
  const measures = [reference, own].map((rows) => metric.resampled(rows, options));
  return {
    ...tested,
    resampled: expanded(unitOf, (count) => {
      const [a, b] = measures.map((measure) => badnessOf(metric, measure(count)));
      return (sign * (a! - b!)) / (relative ? a! : 1);
    }),
  };
}

/** A metric of rows against a limit. */
export function rowsLimit(
  metric: ClickMetric,
  rows: Scored,
  { side, limit }: { readonly side: "most" | "least"; readonly limit: number },
  options?: ClickMetricOptions,
): Tested {
  const unitOf = units(rows);
  const measure = metric.resampled(rows, options);
  const sign = side === "most" ? 1 : -1;
  return {
    ...meanOf(pseudoValues(metric, rows, unitOf, options).values, { side, limit }),
    resampled: expanded(unitOf, (count) => sign * measure(count)),
  };
}

interface Units {
  readonly n: number;
  /** The unit of each row. */
  readonly of: Uint32Array;
}

function units({ label, group }: Scored): Units {
  const known = new Map<number, number>();
  let n = 0;
  const of = Uint32Array.from(label, (_, r) => {
    const user = group?.[r] ?? -1;
    if (user < 0) return n++;
    const unit = known.get(user) ?? n++;
    known.set(user, unit);
    return unit;
  });
  return { n, of };
}

interface Pseudo {
  readonly value: number;
  readonly values: Float64Array;
}

function pseudoValues(metric: ClickMetric, rows: Scored, { n, of }: Units, options?: ClickMetricOptions): Pseudo {
  const { value, rows: influence } = metric.influence(rows, options);
  const values = new Float64Array(n).fill(value);
  for (const [r, psi] of influence.entries()) values[of[r]!]! += (n / of.length) * psi;
  return { value, values };
}

const far = ({ better }: ClickMetric, { value, values }: Pseudo): Float64Array =>
  better === "one" ? values.map((v) => Math.sign(value - 1) * (v - 1)) : values;

const badnessOf = ({ better }: ClickMetric, value: number): number => (better === "one" ? Math.abs(value - 1) : value);

/** A statistic of rows as one of units. */
function expanded({ n, of }: Units, statistic: (count: Uint8Array) => number): (count: Uint8Array) => number {
  if (n === of.length) return statistic;
  const ofRows = new Uint8Array(of.length);
  return (count) => {
    for (let r = 0; r < of.length; r++) ofRows[r] = count[of[r]!]!;
    return statistic(ofRows);
  };
}
