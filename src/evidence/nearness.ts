// How near items are to each other by who took them: the cosine of their columns of train. It never holds a matrix of
// items by items: a sum over one side is spread over the users first and read off by the other.

import type { Catalogue } from "../kinds/catalogue.ts";

/** One number a user, zero between calls. */
const scratch = new WeakMap<Catalogue["takers"], Float64Array>();

/** For each of `items` Σ_h cos(i, h) over `others`; an item that nobody took is near to nothing, itself included. */
export function nearness(items: Int32Array, others: Int32Array, { takers, users }: Catalogue): Float64Array {
  const { start, users: who } = takers;
  const near = scratch.get(takers) ?? new Float64Array(users);
  scratch.set(takers, near);
  // cos(i, h) = |U_i ∩ U_h| / √(|U_i| |U_h|), so Σ_h cos(i, h) = Σ_{u ∈ U_i} near[u] / √|U_i|, near[u] = Σ_{h: u ∈ U_h} 1/√|U_h|
  for (const h of others) {
    const [from, to] = [start[h]!, start[h + 1]!];
    const weight = 1 / Math.sqrt(to - from);
    for (let at = from; at < to; at++) near[who[at]!]! += weight;
  }
  const sums = new Float64Array(items.length);
  for (let n = 0; n < items.length; n++) {
    const [from, to] = [start[items[n]!]!, start[items[n]! + 1]!];
    let sum = 0;
    for (let at = from; at < to; at++) sum += near[who[at]!]!;
    if (to > from) sums[n] = sum / Math.sqrt(to - from);
  }
  for (const h of others) for (let at = start[h]!; at < start[h + 1]!; at++) near[who[at]!] = 0;
  return sums;
}
