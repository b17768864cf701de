// A metric reads ranked lists. Most are a mean over users; some need all lists at once.

/** One user's list of k items against what the user really took. */
export interface RankedUser {
  /** hits[r] is 1 where the item at rank r (0 = best) is relevant; length k. */
  readonly hits: Uint8Array;
  /** How many relevant items the user has in all, ≥ 1. */
  readonly relevant: number;
}

/** Every evaluated user's list: row u is [u*k, (u+1)*k) of item indices; -1 pads. */
export interface RankedAll {
  readonly k: number;
  readonly items: Int32Array;
  readonly catalogue: number;
}

export interface MetricMethod {
  readonly kind: "metric";
  readonly name: string;
  readonly summary: string;
  readonly better: "high" | "low";
  /** Mean over users of this, or … */
  perUser?(user: RankedUser): number;
  /** … one number over all lists. */
  overall?(lists: RankedAll): number;
}

export const defineMetric = (method: Omit<MetricMethod, "kind">): MetricMethod => ({ kind: "metric", ...method });
