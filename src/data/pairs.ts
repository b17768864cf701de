// Splits deal in user-item pairs, not events: all events of a pair go to one part, so that parts stay disjoint.

import type { Events } from "./interactions.ts";
import { orderByPair } from "./order.ts";

/** The distinct pairs of events, grouped by user. */
export interface Pairs {
  /** Pairs of user u are [indptr[u], indptr[u+1]), by ascending item. */
  readonly indptr: Int32Array;
  /** The pair of each event. */
  readonly of: Int32Array;
  /** The time of each pair's last event; absent where events have none. */
  readonly last?: Float64Array;
}

/** The distinct pairs of the events. */
export function groupPairs(events: Events): Pairs {
  const { user, item, time } = events;
  const { order, starts } = orderByPair(events.users.length, user, item);
  const indptr = new Int32Array(starts.length);
  const of = new Int32Array(order.length);
  const last = time && new Float64Array(order.length).fill(Number.NEGATIVE_INFINITY);
  let n = 0;
  for (let u = 0; u + 1 < starts.length; u++) {
    for (let at = starts[u]!; at < starts[u + 1]!; at++) {
      const e = order[at]!;
      if (at === starts[u] || item[order[at - 1]!] !== item[e]) n++;
      of[e] = n - 1;
      if (last) last[n - 1] = Math.max(last[n - 1]!, time[e]!);
    }
    indptr[u + 1] = n;
  }
  return { indptr, of, ...(last && { last: last.slice(0, n) }) };
}

/** How many of n pairs a fraction holds out: max(1, round(n·f)) for f > 0, else 0. */
export function share(n: number, fraction: number): number {
  return fraction > 0 ? Math.max(1, Math.round(n * fraction)) : 0;
}
