// Who took what: events as they were logged (one entry each) and interactions as models want them (CSR by user).
// Ids are strings outside and dense integers inside; a vocabulary gives one for the other.

import { orderByPair } from "./order.ts";

/** Logged events in columns of equal length; `users` and `items` are the vocabularies the indices point into. */
export interface Events {
  readonly users: readonly string[];
  readonly items: readonly string[];
  readonly user: Int32Array;
  readonly item: Int32Array;
  /** Rating or strength; 1 where the source has none. */
  readonly value: Float32Array;
  /** Unix seconds; absent where the source has none. */
  readonly time?: Float64Array;
}

/** A sparse users × items matrix in CSR: row u holds indices[indptr[u] … indptr[u+1]), ascending and unique. */
export interface Interactions {
  readonly users: number;
  readonly items: number;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
  /** Unix seconds of each pair's last event; absent where the source has none. */
  readonly times?: Float64Array;
}

/** One protocol's three disjoint parts over the same vocabularies. */
export interface Split {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly train: Interactions;
  readonly validation: Interactions;
  readonly test: Interactions;
}

/** The CSR of the events with `keep[e]` set (all without `keep`); a repeated pair keeps its largest value and last time. */
export function toInteractions(events: Events, keep?: (event: number) => boolean): Interactions {
  const { user, item, value, time } = events;
  const [users, items] = [events.users.length, events.items.length];
  const { order, starts } = orderByPair(users, user, item, keep);
  const indptr = new Int32Array(users + 1);
  const indices = new Int32Array(order.length);
  const values = new Float32Array(order.length);
  const times = time && new Float64Array(order.length);
  let n = 0;
  for (let u = 0; u < users; u++) {
    for (let at = starts[u]!; at < starts[u + 1]!; at++) {
      const e = order[at]!;
      if (at > starts[u]! && item[order[at - 1]!] === item[e]) {
        values[n - 1] = Math.max(values[n - 1]!, value[e]!);
        if (times) times[n - 1] = Math.max(times[n - 1]!, time[e]!);
        continue;
      }
      indices[n] = item[e]!;
      values[n] = value[e]!;
      if (times) times[n] = time[e]!;
      n++;
    }
    indptr[u + 1] = n;
  }
  const last = times && { times: times.slice(0, n) };
  return { users, items, indptr, indices: indices.slice(0, n), values: values.slice(0, n), ...last };
}

/** The items of one user, ascending. */
export function rowOf(matrix: Interactions, user: number): Int32Array {
  return matrix.indices.subarray(matrix.indptr[user]!, matrix.indptr[user + 1]!);
}

/** The user of each entry. */
export function usersOf({ users, indptr, indices }: Interactions): Int32Array {
  const user = new Int32Array(indices.length);
  for (let u = 0; u < users; u++) user.fill(u, indptr[u], indptr[u + 1]);
  return user;
}

/** How many users took each item. */
export function takenCounts({ items, indices }: Interactions): Int32Array {
  const counts = new Int32Array(items);
  for (const item of indices) counts[item]!++;
  return counts;
}

/** Whether an ascending row holds an item. */
export function holds(row: Int32Array, item: number): boolean {
  let [low, high] = [0, row.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (row[middle]! < item) low = middle + 1;
    else high = middle;
  }
  return row[low] === item;
}

/** The items of one user, the earliest first (equal times by item); ascending where there are no times. */
export function sequenceOf(matrix: Interactions, user: number): Int32Array {
  const { indptr, indices, times } = matrix;
  const row = indices.subarray(indptr[user]!, indptr[user + 1]!);
  const when = times?.subarray(indptr[user]!, indptr[user + 1]!);
  if (!when) return row;
  const order = Int32Array.from(row.keys()).sort((a, b) => when[a]! - when[b]! || a - b);
  return order.map((at) => row[at]!);
}

/** The place in its row of each row's k-th item in time, flat like `indices`. */
export function timeOrder({ users, indptr, times }: Interactions): Uint32Array | undefined {
  if (!times) return undefined;
  const order = new Uint32Array(times.length);
  for (let u = 0; u < users; u++) {
    const from = indptr[u]!;
    const row = order.subarray(from, indptr[u + 1]!);
    for (let k = 0; k < row.length; k++) row[k] = k;
    row.sort((a, b) => times[from + a]! - times[from + b]! || a - b);
  }
  return order;
}

/** The same matrix by item: row i holds the users of item i, ascending; without times. */
export function transpose(matrix: Interactions): Interactions {
  const { users, items, indptr, indices, values } = matrix;
  const out = new Int32Array(items + 1);
  for (const i of indices) out[i + 1]!++;
  for (let i = 0; i < items; i++) out[i + 1]! += out[i]!;
  const next = out.slice(0, items);
  const outIndices = new Int32Array(indices.length);
  const outValues = new Float32Array(indices.length);
  for (let u = 0; u < users; u++) {
    for (let at = indptr[u]!; at < indptr[u + 1]!; at++) {
      const to = next[indices[at]!]!++;
      outIndices[to] = u;
      outValues[to] = values[at]!;
    }
  }
  return { users: items, items: users, indptr: out, indices: outIndices, values: outValues };
}

/** The union of two matrices of one shape; a pair in both keeps the larger value and time. */
export function union(a: Interactions, b: Interactions): Interactions {
  const indptr = new Int32Array(a.users + 1);
  const indices = new Int32Array(a.indices.length + b.indices.length);
  const values = new Float32Array(indices.length);
  const times = a.times && b.times && new Float64Array(indices.length);
  let n = 0;
  for (let u = 0; u < a.users; u++) {
    let i = a.indptr[u]!;
    let j = b.indptr[u]!;
    const [iEnd, jEnd] = [a.indptr[u + 1]!, b.indptr[u + 1]!];
    while (i < iEnd || j < jEnd) {
      const x = i < iEnd ? a.indices[i]! : Number.POSITIVE_INFINITY;
      const y = j < jEnd ? b.indices[j]! : Number.POSITIVE_INFINITY;
      indices[n] = Math.min(x, y);
      values[n] = Math.max(x <= y ? a.values[i]! : 0, y <= x ? b.values[j]! : 0);
      if (times) times[n] = Math.max(x <= y ? a.times![i]! : -Infinity, y <= x ? b.times![j]! : -Infinity);
      if (x <= y) i++;
      if (y <= x) j++;
      n++;
    }
    indptr[u + 1] = n;
  }
  const last = times && { times: times.slice(0, n) };
  return {
    ...{ users: a.users, items: a.items, indptr, indices: indices.slice(0, n), values: values.slice(0, n) },
    ...last,
  };
}
