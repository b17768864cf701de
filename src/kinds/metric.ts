// A metric judges ranked lists. Most are a mean over users; some need all lists at once.

import type { Catalogue } from "./catalogue.ts";

/** One user's list of k items against what the user really took. */
export interface RankedUser {
  /** hits[r] is 1 where the item at rank r (0 = best) is relevant; length k. */
  readonly hits: Uint8Array;
  /** How many relevant items the user has in all, ≥ 1. */
  readonly relevant: number;
  /** The list, best first; -1 pads. Length k. */
  readonly items: Int32Array;
  /** What the user took before. */
  readonly history: Int32Array;
  /** Set where the metric needs it. */
  readonly places?: Places;
}

/** A user's relevant items among all candidates: `above` irrelevant ones score higher than the e-th, `tied` the same. */
export interface Places {
  readonly above: Int32Array;
  readonly tied: Int32Array;
  /** Irrelevant candidates in all. */
  readonly others: number;
}

/** Every evaluated user's list: row u is [u*k, (u+1)*k) of item indices; -1 pads. */
export interface RankedAll {
  readonly k: number;
  readonly items: Int32Array;
  readonly places?: readonly Places[];
}

export interface MetricMethod {
  readonly kind: "metric";
  readonly name: string;
  readonly summary: string;
  readonly better: "high" | "low";
  /** Whether it asks what the user took, or only what is shown; the latter has no value for a slice of items. */
  readonly judges: "hits" | "lists";
  /** Tags, which not all data has, or places: the whole ranking, whatever k is. */
  readonly needs?: "tags" | "places";
  /** Mean over users of this (NaN where a user has none, who then counts nowhere), or … */
  perUser?(user: RankedUser, catalogue: Catalogue): number;
  /** … one number over all lists. */
  overall?(lists: RankedAll, catalogue: Catalogue): number;
}

export const defineMetric = (method: Omit<MetricMethod, "kind">): MetricMethod => ({ kind: "metric", ...method });
