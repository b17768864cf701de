// An embedding table that is not kept row by row: its rows are composed of fewer numbers, in the graph, and learn that way.

import type { Ops } from "../../graph/ops.ts";
import type { Init } from "../../kinds/network.ts";

/** Where a composition keeps what it learns. */
export interface Parts {
  readonly g: Ops;
  /** A table whose rows are picked, [rows, d]. */
  table(name: string, rows: number, d: number, init: Init): string;
  /** A weight that every row depends on. */
  weight(name: string, dims: readonly number[], init: Init): string;
}

/** The table that is stood in for. */
export interface Whole {
  readonly name: string;
  readonly rows: number;
  readonly d: number;
  readonly init: Init;
}

export interface Composition {
  readonly name: string;
  /** The rows at `ids`, int64 [batch, n], as float32 [batch, n, d], from about rows · d / `ratio` numbers. */
  rows(parts: Parts, whole: Whole, ids: string, ratio: number): string;
}

/** Mersenne's 2³¹ - 1: above every id, and products of two numbers below it fit an int64. */
const prime = 2 ** 31 - 1;

/**
 * ((a · i + b) mod p) mod `size`, of Carter and Wegman's universal family; a and b are the pair of that number. Several
 * pairs give as many hashes along the ids' last dimension.
 */
export function hashed(g: Ops, ids: string, size: number, ...which: readonly number[]): string {
  const pairs = which.map(multipliers);
  const [a, b] = [0, 1].map((of) => g.ints(...pairs.map((pair) => pair[of]!))) as [string, string];
  const spread = g.node("Mod", [g.add(g.mul(ids, a), b), g.ints(prime)]);
  return g.node("Mod", [spread, g.ints(size)]);
}

/** Fixed pairs below the prime, by xorshift: every graph of a recipe hashes alike. */
export function multipliers(which: number): [a: number, b: number] {
  let state = (0x9e3779b9 * (which + 1)) >>> 0;
  const next = () => {
    for (let turn = 0; turn < 4; turn++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
    }
    return (state >>> 1) % prime;
  };
  return [Math.max(1, next()), next()];
}

/** How many rows of d numbers a `ratio`-th of the table's numbers are, at least one. */
export const rowsFor = ({ rows }: Whole, ratio: number): number => Math.max(1, Math.floor(rows / ratio));
