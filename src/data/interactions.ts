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
}

/** One protocol's three disjoint parts over the same vocabularies. */
export interface Split {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly train: Interactions;
  readonly validation: Interactions;
  readonly test: Interactions;
}

/** The CSR of the events with `keep[e]` set (all of them without `keep`); a repeated pair keeps its largest value. */
export function toInteractions(events: Events, keep?: (event: number) => boolean): Interactions {
  const { user, item, value } = events;
  const [users, items] = [events.users.length, events.items.length];
  const { order, starts } = orderByPair(users, user, item, keep);
  const indptr = new Int32Array(users + 1);
  const indices = new Int32Array(order.length);
  const values = new Float32Array(order.length);
  let n = 0;
  for (let u = 0; u < users; u++) {
    for (let at = starts[u]!; at < starts[u + 1]!; at++) {
      const e = order[at]!;
      if (at > starts[u]! && item[order[at - 1]!] === item[e]) {
        values[n - 1] = Math.max(values[n - 1]!, value[e]!);
        continue;
      }
      indices[n] = item[e]!;
      values[n] = value[e]!;
      n++;
    }
    indptr[u + 1] = n;
  }
  return { users, items, indptr, indices: indices.slice(0, n), values: values.slice(0, n) };
}

/** The items of one user, ascending. */
export function rowOf(matrix: Interactions, user: number): Int32Array {
  return matrix.indices.subarray(matrix.indptr[user]!, matrix.indptr[user + 1]!);
}

/** The same matrix by item: row i holds the users of item i, ascending. */
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

/** The union of two matrices of one shape; a pair in both keeps the larger value. */
export function union(a: Interactions, b: Interactions): Interactions {
  const indptr = new Int32Array(a.users + 1);
  const indices = new Int32Array(a.indices.length + b.indices.length);
  const values = new Float32Array(indices.length);
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
      if (x <= y) i++;
      if (y <= x) j++;
      n++;
    }
    indptr[u + 1] = n;
  }
  return { users: a.users, items: a.items, indptr, indices: indices.slice(0, n), values: values.slice(0, n) };
}
