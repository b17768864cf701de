// Negative samplers: items that a user has not taken, uniform or by popularity^power. Drawn by rejection, and exactly
// where a user has taken nearly everything.

import type { Rng } from "../base/rng.ts";
import { aliasTable, drawAlias } from "./alias.ts";
import { holds, type Interactions, rowOf, takenCounts } from "./interactions.ts";

/** Draws one item the user has not taken; -1 where there is none. */
export type NegativeSampler = (user: number, rng: Rng) => number;

/** Every item alike. */
export function uniformNegatives(positives: Interactions): NegativeSampler {
  return rejecting(
    positives,
    (rng) => rng.below(positives.items),
    () => 1,
  );
}

/** Items by (number of users who took them)^power; power 0.75 is word2vec's (arXiv 1310.4546). Items never taken are never drawn. */
export function popularityNegatives(positives: Interactions, power: number): NegativeSampler {
  const weights = Float64Array.from(takenCounts(positives), (count) => (count > 0 ? count ** power : 0));
  if (positives.indices.length === 0) return () => -1;
  const table = aliasTable(weights);
  return rejecting(
    positives,
    (rng) => drawAlias(table, rng),
    (item) => weights[item]!,
  );
}

function rejecting(
  positives: Interactions,
  draw: (rng: Rng) => number,
  weight: (item: number) => number,
): NegativeSampler {
  return (user, rng) => {
    const taken = rowOf(positives, user);
    if (taken.length < positives.items) {
      for (let attempt = 0; attempt < 50; attempt++) {
        const item = draw(rng);
        if (!holds(taken, item)) return item;
      }
    }
    return drawExactly(taken, positives.items, weight, rng);
  };
}

/** One of the items not in `taken`, by weight; a scan of all items. */
function drawExactly(taken: Int32Array, items: number, weight: (item: number) => number, rng: Rng): number {
  let total = 0;
  let chosen = -1;
  for (let item = 0; item < items; item++) {
    const w = holds(taken, item) ? 0 : weight(item);
    total += w;
    if (w > 0 && rng.uniform() * total < w) chosen = item;
  }
  return chosen;
}
