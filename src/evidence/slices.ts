// Slices: parts of the catalogue or of the people that are judged by themselves, so that an average cannot hide what
// was lost. A slice of items asks how well its items are found among all; a slice of users, how well they are served.

import { below, quantiles } from "../data/columns/buckets.ts";
import { equalShares, fallingOrder } from "../data/equal-shares.ts";
import { type Interactions, rowOf } from "../data/interactions.ts";
import { asNumbers, type RawColumn } from "../data/raw-table.ts";
import type { Catalogue } from "../kinds/catalogue.ts";
import { wordLists } from "./tags.ts";

export interface Slice {
  readonly name: string;
  readonly of: "items" | "users";
  /** 1 for each item or user that belongs. */
  readonly member: Uint8Array;
}

const bands = ["head", "mid", "tail"] as const;

/** Head, mid and tail: items by falling train count, cut where they make up a third and two thirds of the interactions. */
export function popularityBands({ popularity }: Catalogue): Slice[] {
  const band = equalShares(popularity, fallingOrder(popularity), bands.length);
  return bands.map((name, b) => ({ name, of: "items", member: band.map((own) => (own === b ? 1 : 0)) }));
}

/** Users with at most `most` interactions in train. */
export const coldUsers = (train: Interactions, most: number): Slice => ({
  name: "cold",
  of: "users",
  member: Uint8Array.from({ length: train.users }, (_, u) => (rowOf(train, u).length <= most ? 1 : 0)),
});

/** The rows that hold each of the `top` most frequent values of a column: "genres=Comedy". Texts are cut at `separator`. */
export function valueSlices(
  of: Slice["of"],
  name: string,
  column: RawColumn,
  { separator, top }: { readonly separator: string; readonly top: number },
): Slice[] {
  const { start, words, code } = wordLists(column, separator);
  const members = words.map(() => new Uint8Array(start.length - 1));
  for (let row = 0; row + 1 < start.length; row++) {
    for (let at = start[row]!; at < start[row + 1]!; at++) if (code[at]! >= 0) members[code[at]!]![row] = 1;
  }
  const size = members.map((member) => member.reduce((sum, one) => sum + one, 0));
  const order = [...words.keys()].sort((a, b) => size[b]! - size[a]! || (words[a]! < words[b]! ? -1 : 1));
  return order.slice(0, top).map((w) => ({ name: `${name}=${words[w]}`, of, member: members[w]! }));
}

/** The rows of each of `buckets` parts of about equal size of a column of numbers: "age=[18, 25)"; missing ones in none. */
export function bucketSlices(
  of: Slice["of"],
  name: string,
  column: RawColumn,
  buckets: number,
  where: string,
): Slice[] {
  const values = asNumbers(column, `${where}.column ${name}`);
  const known = values.filter((x) => !Number.isNaN(x)).sort();
  if (known.length === 0) return [];
  const edges = Float64Array.from(quantiles(known, buckets));
  return Array.from({ length: edges.length + 1 }, (_, b) => {
    const to = b < edges.length ? `${edges[b]})` : `${known.at(-1)}]`;
    const member = Uint8Array.from(values, (x) => (!Number.isNaN(x) && below(edges, x) === b ? 1 : 0));
    return { name: `${name}=[${edges[b - 1] ?? known[0]}, ${to}`, of, member };
  });
}
