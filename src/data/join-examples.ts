// Two sets of examples over the same columns as one.

import type { Bag, Dense, Examples } from "./examples.ts";

/** The rows of `one` and then those of `other`; groups and times, which only measuring needs, are left out. */
export function joinExamples(one: Examples, other: Examples): Examples {
  const { n, label, ids, fields, numeric, numbers, bags, dense } = one;
  return {
    ...{ n: n + other.n, fields, numbers },
    label: joined(Float32Array, label, other.label),
    ids: joined(Int32Array, ids, other.ids),
    numeric: joined(Float32Array, numeric, other.numeric),
    bags: bags.map((bag, b) => joinBags(bag, other.bags[b]!)),
    dense: dense.map((own, d): Dense => ({ ...own, values: joined(Float32Array, own.values, other.dense[d]!.values) })),
  };
}

function joinBags(one: Bag, other: Bag): Bag {
  const first = one.start.at(-1)!;
  const start = new Uint32Array(one.start.length + other.start.length - 1);
  start.set(one.start);
  for (let r = 1; r < other.start.length; r++) start[one.start.length + r - 1] = first + other.start[r]!;
  return { ...one, start, ids: joined(Int32Array, one.ids.subarray(0, first), other.ids) };
}

function joined<T extends Float32Array | Int32Array>(Type: new (n: number) => T, one: T, other: T): T {
  const both = new Type(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
