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

/** The figures of `lists`, whose k is at least the largest of `ks`; a slice in which nobody counts is left out. */
export function evaluate(
  lists: RankedLists,
  judgement: Judgement,
  catalogue: Catalogue,
  options: {
    readonly ks: readonly number[];
    readonly metrics: readonly MetricMethod[];
    readonly slices: readonly Slice[];
  },
): Evaluation {
  const whole = collect();
  const parts = options.slices.map((slice) => ({ slice, ...collect() }));
  for (const [n, k] of options.ks.entries()) {
    // What does not depend on k is found once.
    const metrics = options.metrics.filter(({ needs }) => n === 0 || needs !== "places");
    const perUser = metrics.filter((metric): metric is PerUserMetric => metric.perUser !== undefined);
    const values = valuesOf(lists, judgement, catalogue, perUser, k);
    const ofUsers = new Map(perUser.map((metric, m) => [metric, values[m]!]));
    const overall = { k, items: cut(lists, k), ...(lists.places && { places: lists.places }) };
    for (const metric of metrics) {
      const found = ofUsers.get(metric as PerUserMetric);
      if (found) whole.add(figureName(metric, k), found);
      else whole.metrics[figureName(metric, k)] = metric.overall!(overall, catalogue);
    }
    const judging = perUser.filter(({ judges }) => judges === "hits");
    for (const { slice, add } of parts) {
      const ofItems = slice.of === "items";
      const found = ofItems ? valuesOf(lists, judgement, catalogue, judging, k, slice.member) : values;
      for (const [m, metric] of (ofItems ? judging : perUser).entries()) {
        add(figureName(metric, k), ofItems ? found[m]! : within(found[m]!, lists, slice.member));
      }
    }
  }
  const slices = parts.map(({ slice: { name, of }, metrics, standardError, users }) => {
    return { name, of, users: users(), metrics, standardError };
  });
  const { metrics, standardError } = whole;
  return { metrics, standardError, slices: slices.filter(({ users }) => users > 0) };
}

function collect() {
  const metrics: Record<string, number> = {};
  const standardError: Record<string, number> = {};
  let users = 0;
  const add = (name: string, values: Float64Array) => {
    const found = meanOf(values);
    if (found.n === 0) return;
    users = Math.max(users, found.n);
    metrics[name] = found.mean;
    standardError[name] = found.standardError;
  };
  return { metrics, standardError, add, users: () => users };
}

function cut({ users, k: longest, items }: RankedLists, k: number): Int32Array {
  const top = new Int32Array(users.length * k);
  for (let r = 0; r < users.length; r++) top.set(items.subarray(r * longest, r * longest + k), r * k);
  return top;
}
