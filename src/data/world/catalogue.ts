// The items of a world: category, taste, popularity, pull and quality, and what encoders might say of them.

import type { Rng } from "../../base/rng.ts";
import { type Alias, aliasTable, drawAlias } from "../alias.ts";
import { makeTitle, nameCategories } from "./names.ts";
import { dims, type WorldOptions } from "./options.ts";
import { gaussian, normalizeRows } from "./vectors.ts";

export interface Catalogue {
  readonly titles: string[];
  readonly names: string[];
  /** categories × dims, unit length. */
  readonly centres: Float32Array;
  readonly category: Int32Array;
  /** items × dims, unit length: w·centre + noise. */
  readonly taste: Float32Array;
  readonly popularity: Float64Array;
  /** Each item's share of its category's popularity. */
  readonly share: Float64Array;
  /** What of an item makes people click without pleasing them, and please them without making them click. */
  readonly bait: Float32Array;
  readonly quality: Float32Array;
  /** The items of each category and how to draw one by popularity. */
  readonly shelves: readonly { readonly items: Int32Array; readonly table: Alias }[];
  readonly text: Float32Array;
  readonly image: Float32Array;
  readonly featureSize: number;
}

const featureSize = 32;

export function makeCatalogue({ items, categories, skew }: WorldOptions, rng: Rng): Catalogue {
  const names = nameCategories(categories);
  const centres = normalizeRows(gaussian(categories, dims, rng), dims);
  const sizes = aliasTable(Float64Array.from({ length: categories }, (_, c) => (c + 1) ** -0.5));
  // The first items go round so that no category is empty.
  const category = Int32Array.from({ length: items }, (_, i) => (i < categories ? i : drawAlias(sizes, rng)));
  const taste = gaussian(items, dims, rng);
  for (let i = 0; i < items; i++) {
    for (let d = 0; d < dims; d++) {
      taste[i * dims + d] = 1.2 * centres[category[i]! * dims + d]! + (taste[i * dims + d]! * 0.9) / Math.sqrt(dims);
    }
  }
  normalizeRows(taste, dims);

  const rank = rng.shuffle(Int32Array.from({ length: items }, (_, i) => i));
  // The shift flattens the head: no real item is taken by everybody.
  const weight = Float64Array.from(rank, (r) => (r + 1 + items / 400) ** -skew);
  const total = weight.reduce((sum, w) => sum + w, 0);
  const popularity = weight.map((w) => w / total);
  const share = new Float64Array(items);
  const shelves = names.map((_, c) => {
    const held = Int32Array.from(category.keys()).filter((i) => category[i] === c);
    const weights = Float64Array.from(held, (i) => popularity[i]!);
    const sum = weights.reduce((a, w) => a + w, 0);
    for (const i of held) share[i] = popularity[i]! / sum;
    return { items: held, table: aliasTable(weights) };
  });
  return {
    ...{ names, centres, category, taste, popularity, share, shelves, featureSize },
    titles: Array.from(category, (c, i) => makeTitle(i, names[c]!)),
    bait: gaussian(items, 1, rng).map((x) => x * 0.5),
    quality: gaussian(items, 1, rng).map((x) => x * 0.7),
    text: features(taste, items, 0.15, rng),
    image: features(taste, items, 0.4, rng),
  };
}

/** What an encoder sees: a random linear view of the tastes plus noise, unit length. */
function features(taste: Float32Array, items: number, noise: number, rng: Rng): Float32Array {
  const view = gaussian(dims, featureSize, rng);
  const seen = gaussian(items, featureSize, rng);
  for (let i = 0; i < items; i++) {
    for (let f = 0; f < featureSize; f++) {
      let sum = noise * seen[i * featureSize + f]!;
      for (let d = 0; d < dims; d++) sum += taste[i * dims + d]! * view[d * featureSize + f]!;
      seen[i * featureSize + f] = sum;
    }
  }
  return normalizeRows(seen, featureSize);
}
