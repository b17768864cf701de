// A metric judges ranked lists. Most are a mean over users; some need all lists at once.

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
}

/** Every evaluated user's list: row u is [u*k, (u+1)*k) of item indices; -1 pads. */
export interface RankedAll {
  readonly k: number;
  readonly items: Int32Array;
}

/** What is known of the items when lists are judged. */
export interface Catalogue {
  readonly items: number;
  /** Users in train, and how many of them took each item. */
  readonly users: number;
  readonly popularity: Int32Array;
  /** The users of each item in train, ascending: row i is users[start[i] … start[i + 1]). */
  readonly takers: { readonly start: Uint32Array; readonly users: Int32Array };
  /** Tags such as genres: item i has code[start[i] … start[i + 1]), each < count. */
  readonly tags?: Tags;
}

export interface Tags {
  readonly count: number;
  readonly start: Uint32Array;
  readonly code: Int32Array;
}

export interface MetricMethod {
  readonly kind: "metric";
  readonly name: string;
  readonly summary: string;
  readonly better: "high" | "low";
  /** Whether it asks what the user took, or only what is shown; the latter has no value for a slice of items. */
  readonly judges: "hits" | "lists";
  /** Set for a metric that only data with tags can have. */
  readonly needs?: "tags";
  /** Mean over users of this (NaN where a user has none, who then counts nowhere), or … */
  perUser?(user: RankedUser, catalogue: Catalogue): number;
  /** … one number over all lists. */
  overall?(lists: RankedAll, catalogue: Catalogue): number;
}

export const defineMetric = (method: Omit<MetricMethod, "kind">): MetricMethod => ({ kind: "metric", ...method });
