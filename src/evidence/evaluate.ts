// From lists to figures: every metric at every k, over all users and over each slice.

import type { Catalogue, MetricMethod } from "../kinds/metric.ts";
import type { Judgement, RankedLists } from "./lists.ts";
import { meanOf, perUserValues } from "./per-user.ts";
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
  const figuresOf = (slice?: Slice) => {
    const metrics: Record<string, number> = {};
    const standardError: Record<string, number> = {};
    let users = 0;
    for (const k of options.ks) {
      for (const metric of options.metrics) {
        const { name, judges, perUser, overall } = metric;
        if (slice?.of === "items" && judges === "lists") continue;
        if (perUser) {
          const found = meanOf(perUserValues(lists, judgement, catalogue, { ...metric, perUser }, k, slice));
          if (found.n === 0) continue;
          if (judges === "hits") users = found.n;
          metrics[`${name}@${k}`] = found.mean;
          standardError[`${name}@${k}`] = found.standardError;
        } else if (overall && !slice) {
          metrics[`${name}@${k}`] = overall({ k, items: cut(lists, k) }, catalogue);
        }
      }
    }
    return { metrics, standardError, users };
  };
  const slices = options.slices.map((slice) => ({ name: slice.name, of: slice.of, ...figuresOf(slice) }));
  const { metrics, standardError } = figuresOf();
  return { metrics, standardError, slices: slices.filter(({ users }) => users > 0) };
}

function cut({ users, k: longest, items }: RankedLists, k: number): Int32Array {
  const top = new Int32Array(users.length * k);
  for (let r = 0; r < users.length; r++) top.set(items.subarray(r * longest, r * longest + k), r * k);
  return top;
}
