// The people of a world: what they like, where their taste moves to, and how much they do.

import type { Rng } from "../../base/rng.ts";
import { dims, type WorldOptions } from "./options.ts";
import { gaussian, normalizeRows } from "./vectors.ts";

export interface People {
  /** users × dims, unit length: the taste at the begin. */
  readonly taste: Float32Array;
  /** users × dims: taste(t) = taste + (share of the log gone by) · drift. */
  readonly drift: Float32Array;
  /** How many clicks each user is to make; at least `fewest`. */
  readonly quota: Int32Array;
}

/** Fewest clicks that are asked of anyone. */
const fewest = 5;

export function makePeople(options: WorldOptions, centres: Float32Array, rng: Rng): People {
  const { users, categories, drift: far } = options;
  const taste = gaussian(users, dims, rng);
  const drift = normalizeRows(gaussian(users, dims, rng), dims);
  for (let u = 0; u < users; u++) {
    for (let d = 0; d < dims; d++) taste[u * dims + d]! *= 0.7 / Math.sqrt(dims);
    const likes = 1 + rng.below(3);
    for (let n = 0; n < likes; n++) {
      const [centre, weight] = [rng.below(categories), 0.5 + rng.uniform()];
      for (let d = 0; d < dims; d++) taste[u * dims + d]! += weight * centres[centre * dims + d]!;
    }
    // People drift towards something: a centre, with noise.
    const towards = rng.below(categories);
    for (let d = 0; d < dims; d++) drift[u * dims + d]! = 0.5 * drift[u * dims + d]! + centres[towards * dims + d]!;
  }
  normalizeRows(taste, dims);
  normalizeRows(drift, dims);
  for (let at = 0; at < drift.length; at++) drift[at]! *= far;
  return { taste, drift, quota: quotas(options, rng) };
}

/** Log-normal shares of the clicks, each from `fewest` to a quarter of the catalogue. */
function quotas({ users, items, clicks }: WorldOptions, rng: Rng): Int32Array {
  const weight = Float64Array.from({ length: users }, () => Math.exp(rng.normal()));
  const most = Math.max(fewest, Math.floor(items / 4));
  const quota = new Int32Array(users);
  let scale = Math.max(0, clicks - users * fewest) / weight.reduce((sum, w) => sum + w, 0);
  // What the cap cuts off goes to the others; three rounds leave little.
  for (let round = 0; round < 3; round++) {
    for (let u = 0; u < users; u++) quota[u] = Math.min(most, fewest + Math.round(scale * weight[u]!));
    scale *= clicks / quota.reduce((sum, q) => sum + q, 0);
  }
  return quota;
}
