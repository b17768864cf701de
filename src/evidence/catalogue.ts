// What metrics may know of the items, gathered once for all lists that are judged.

import type { Interactions } from "../data/interactions.ts";
import type { Catalogue, Tags } from "../kinds/catalogue.ts";

/** The catalogue of `train`. */
export function catalogueOf(train: Interactions, tags?: Tags): Catalogue {
  const { users, items, indptr, indices } = train;
  const start = new Uint32Array(items + 1);
  for (const item of indices) start[item + 1]!++;
  const popularity = Int32Array.from(start.subarray(1));
  for (let i = 0; i < items; i++) start[i + 1]! += start[i]!;
  const next = start.slice(0, items);
  const takers = new Int32Array(indices.length);
  for (let u = 0; u < users; u++) {
    for (let e = indptr[u]!; e < indptr[u + 1]!; e++) takers[next[indices[e]!]!++] = u;
  }
  return { items, users, popularity, takers: { start, users: takers }, ...(tags && { tags }) };
}
