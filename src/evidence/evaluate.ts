// From lists to figures: every metric at every k, over all users and over each slice.

import type { Catalogue } from "../kinds/catalogue.ts";
import type { MetricMethod } from "../kinds/metric.ts";
import type { Judgement, RankedLists } from "./lists.ts";
import { meanOf, type PerUserMetric, valuesOf, within } from "./per-user.ts";
import type { Slice } from "./slices.ts";

export interface Figures {
  /** "ndcg@20" → value. */
  readonly metrics: Readonly<Record<string, number>>;
  /** Standard error of each metric that is a mean over users. */
  readonly standardError: Readonly<Record<string, number>>;
  /** Standard error of the mean difference from other lists, user by user, of the same metrics. */
  readonly pairedError?: Readonly<Record<string, number>>;
}

export interface SliceFigures extends Figures {
  readonly name: string;
  readonly of: Slice["of"];
  /** Users that count: in the slice, or with a relevant item in it. */
  readonly users: number;
}

export interface Evaluation extends Figures {
  readonly slices: readonly SliceFigures[];
}

/** What figures call a metric: "ndcg@20", or "auc" where all of the ranking counts. */
export const figureName = ({ name, needs }: Pick<MetricMethod, "name" | "needs">, k: number): string =>
  needs === "places" ? name : `${name}@${k}`;

export interface EvaluationOptions {
  readonly ks: readonly number[];
  readonly metrics: readonly MetricMethod[];
  readonly slices: readonly Slice[];
}

/** One number a row of the lists for each metric that has them, by name: over all users, and over each slice. */
export interface UserValues {
  readonly whole: ReadonlyMap<string, Float64Array>;
  readonly slices: readonly ReadonlyMap<string, Float64Array>[];
}

/**
 * The figures of `lists`, whose k is at least the largest of `ks`; a slice in which nobody counts is left out. `against`
 * are the values of other lists of the same users.
 */
export function evaluate(
  lists: RankedLists,
  judgement: Judgement,
  catalogue: Catalogue,
  options: EvaluationOptions,
  against?: UserValues,
): Evaluation {
  return figuresOf(userValues(lists, judgement, catalogue, options), lists, catalogue, options, against);
}

/** The same from the values of the lists' users. */
export function figuresOf(
  values: UserValues,
  lists: RankedLists,
  catalogue: Catalogue,
  options: EvaluationOptions,
  against?: UserValues,
): Evaluation {
  const { users, ...whole } = summarise(values.whole, against?.whole);
  for (const k of options.ks) {
    const overall = { k, items: cut(lists, k), ...(lists.places && { places: lists.places }) };
    for (const metric of options.metrics) {
      if (metric.overall) whole.metrics[figureName(metric, k)] = metric.overall(overall, catalogue);
    }
  }
  const slices = options.slices.map(({ name, of }, s) => {
    return { name, of, ...summarise(values.slices[s]!, against?.slices[s]) };
  });
  return { ...whole, slices: slices.filter(({ users }) => users > 0) };
}

/** What means, errors and differences are made of. */
export function userValues(
  lists: RankedLists,
  judgement: Judgement,
  catalogue: Catalogue,
  options: EvaluationOptions,
): UserValues {
  const whole = new Map<string, Float64Array>();
  const slices = options.slices.map(() => new Map<string, Float64Array>());
  for (const [n, k] of options.ks.entries()) {
    // What does not depend on k is found once.
    const perUser = options.metrics.filter(
      (metric): metric is PerUserMetric => metric.perUser !== undefined && (n === 0 || metric.needs !== "places"),
    );
    const values = valuesOf(lists, judgement, catalogue, perUser, k);
    for (const [m, metric] of perUser.entries()) whole.set(figureName(metric, k), values[m]!);
    const judging = perUser.filter(({ judges }) => judges === "hits");
    for (const [s, { of, member }] of options.slices.entries()) {
      const ofItems = of === "items";
      const found = ofItems ? valuesOf(lists, judgement, catalogue, judging, k, member) : values;
      for (const [m, metric] of (ofItems ? judging : perUser).entries()) {
        slices[s]!.set(figureName(metric, k), ofItems ? found[m]! : within(found[m]!, lists, member));
      }
    }
  }
  return { whole, slices };
}

function summarise(values: ReadonlyMap<string, Float64Array>, against: ReadonlyMap<string, Float64Array> | undefined) {
  const [metrics, standardError, pairedError]: Record<string, number>[] = [{}, {}, {}];
  let users = 0;
  for (const [name, own] of values) {
    const found = meanOf(own);
    if (found.n === 0) continue;
    users = Math.max(users, found.n);
    metrics![name] = found.mean;
    standardError![name] = found.standardError;
    const other = against?.get(name);
    if (other) pairedError![name] = meanOf(own.map((value, r) => value - other[r]!)).standardError;
  }
  return { users, metrics: metrics!, standardError: standardError!, ...(against && { pairedError: pairedError! }) };
}

function cut({ users, k: longest, items }: RankedLists, k: number): Int32Array {
  const top = new Int32Array(users.length * k);
  for (let r = 0; r < users.length; r++) top.set(items.subarray(r * longest, r * longest + k), r * k);
  return top;
}
