// Slices: parts of the catalogue or of the people that are judged by themselves, so that an average cannot hide what
// was lost. A slice of items asks how well its items are found among all; a slice of users, how well they are served.

import { type Interactions, rowOf } from "../data/interactions.ts";
import type { Catalogue } from "../kinds/catalogue.ts";

export interface Slice {
  readonly name: string;
  readonly of: "items" | "users";
  /** 1 for each item or user that belongs. */
  readonly member: Uint8Array;
}

const bands = ["head", "mid", "tail"] as const;

/** Head, mid and tail: items by falling train count, cut where they make up a third and two thirds of the interactions. */
export function popularityBands({ items, popularity }: Catalogue): Slice[] {
  const order = Array.from(popularity.keys()).sort((a, b) => popularity[b]! - popularity[a]! || a - b);
  const members = bands.map(() => new Uint8Array(items));
  const total = Math.max(
    1,
    popularity.reduce((sum, n) => sum + n, 0),
  );
  let sum = 0;
  for (const item of order) {
    members[Math.min(2, Math.floor((3 * sum) / total))]![item] = 1;
    sum += popularity[item]!;
  }
  return bands.map((name, b) => ({ name, of: "items", member: members[b]! }));
}

/** Users with at most `most` interactions in train. */
export const coldUsers = (train: Interactions, most: number): Slice => ({
  name: "cold",
  of: "users",
  member: Uint8Array.from({ length: train.users }, (_, u) => (rowOf(train, u).length <= most ? 1 : 0)),
});
