// How near items are to each other by who took them: the cosine of their columns of train. It never holds a matrix of
// items by items: a sum over one side is spread over the users first and read off by the other.

import type { Catalogue } from "../kinds/catalogue.ts";

/** One number a user, zero between calls. */
const scratch = new WeakMap<Catalogue["takers"], Float64Array>();

function scratchOf({ takers, users }: Catalogue): Float64Array {
  const near = scratch.get(takers) ?? new Float64Array(users);
  scratch.set(takers, near);
  return near;
}

/** For each of `items` Σ_h cos(i, h) over `others`; an item that nobody took is near to nothing, itself included. */
export function nearness(items: Int32Array, others: Int32Array, catalogue: Catalogue): Float64Array {
  const { start, users: who } = catalogue.takers;
  const near = scratchOf(catalogue);
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
  clear(others, catalogue);
  return sums;
}

/** Σ cos(i, j) over the pairs of different items. */
export function pairNearness(items: Int32Array, catalogue: Catalogue): number {
  const { start, users: who } = catalogue.takers;
  const near = scratchOf(catalogue);
  let pairs = 0;
  for (const i of items) {
    const [from, to] = [start[i]!, start[i + 1]!];
    if (from === to) continue;
    const weight = 1 / Math.sqrt(to - from);
    let sum = 0;
    for (let at = from; at < to; at++) {
      const u = who[at]!;
      sum += near[u]!;
      near[u]! += weight;
    }
    pairs += sum * weight;
  }
  clear(items, catalogue);
  return pairs;
}

function clear(items: Int32Array, catalogue: Catalogue): void {
  const { start, users: who } = catalogue.takers;
  const near = scratchOf(catalogue);
  for (const i of items) for (let at = start[i]!; at < start[i + 1]!; at++) near[who[at]!] = 0;
}
