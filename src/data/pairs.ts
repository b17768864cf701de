// Splits deal in user-item pairs, not events: all events of a pair go to one part, so that parts stay disjoint.

import type { Events } from "./interactions.ts";

/** The distinct pairs of events, grouped by user. */
export interface Pairs {
  /** Pairs of user u are [indptr[u], indptr[u+1]), by ascending item. */
  readonly indptr: Int32Array;
  /** The pair of each event. */
  readonly of: Int32Array;
  /** The time of each pair's last event; absent where events have none. */
  readonly last?: Float64Array;
}

/** Groups the events for which `use` holds (all without it); `of` is -1 for the others. */
export function groupPairs(events: Events, use?: (event: number) => boolean): Pairs {
  const { user, item, time } = events;
  const order: number[] = [];
  for (let e = 0; e < user.length; e++) if (!use || use(e)) order.push(e);
  const sorted = Uint32Array.from(order).sort((a, b) => user[a]! - user[b]! || item[a]! - item[b]!);
  const indptr = new Int32Array(events.users.length + 1);
  const of = new Int32Array(user.length).fill(-1);
  const last = time && new Float64Array(sorted.length).fill(Number.NEGATIVE_INFINITY);
  let n = -1;
  for (let at = 0; at < sorted.length; at++) {
    const e = sorted[at]!;
    const before = sorted[at - 1];
    if (before === undefined || user[before] !== user[e] || item[before] !== item[e]) {
      n++;
      indptr[user[e]! + 1]!++;
    }
    of[e] = n;
    if (last) last[n] = Math.max(last[n]!, time![e]!);
  }
  for (let u = 1; u < indptr.length; u++) indptr[u]! += indptr[u - 1]!;
  return { indptr, of, ...(last && { last: last.slice(0, n + 1) }) };
}

/** How many of n pairs a fraction holds out: max(1, round(n·f)) for f > 0, else 0. */
export function share(n: number, fraction: number): number {
  return fraction > 0 ? Math.max(1, Math.round(n * fraction)) : 0;
}
