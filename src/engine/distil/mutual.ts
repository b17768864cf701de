// Which items two models that learn together tell each other of (BD, Kwon et al., WWW 2021, arXiv 2106.02870): those
// that they rank differently, each way by its own rule. With h the places by which the narrow one has an item higher
//
//     to the narrow model   tanh(max(0, h · 0.01))   items that it overrates
//     to the wide model     exp(-h · 0.0001)         any, those that the narrow one has lower hardly more often
//
// The authors rank the catalogue for everybody every ten epochs. Here both rank a few items that were drawn for the pair
// at hand, and a place among those stands for as many in the catalogue.

import type { Rng } from "../../base/rng.ts";

export type Way = "narrow" | "wide";

/** One of the items, by its place, for the model that `to` names; both score the same items. */
export function drawDiscrepant(wide: Float64Array, narrow: Float64Array, catalogue: number, to: Way, rng: Rng): number {
  const n = wide.length;
  const step = catalogue / n;
  const [theirs, own] = [ranksOf(wide), ranksOf(narrow)];
  const weights = Float64Array.from({ length: n }, (_, c) => {
    // How many places nearer to the top the narrow model has it.
    const higher = (theirs[c]! - own[c]!) * step;
    return to === "narrow" ? Math.tanh(Math.max(0, higher) * 1e-2) : Math.exp(-higher * 1e-4);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return rng.below(n);
  let left = rng.uniform() * total;
  for (let c = 0; c < n; c++) {
    left -= weights[c]!;
    if (left < 0) return c;
  }
  return n - 1;
}

/** Ranks from 0, the highest first, equal ones by place. */
function ranksOf(scores: Float64Array): Int32Array {
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  const ranks = new Int32Array(order.length);
  for (const [rank, at] of order.entries()) ranks[at] = rank;
  return ranks;
}
