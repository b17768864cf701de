// Interleaving: two rankings in one list, and whose items people click. Far fewer users than an A/B test to tell which
// is better, and no answer to by how much (Chapelle, Joachims, Radlinski & Yue, TOIS 2012).

import type { Rng } from "../../base/rng.ts";
import { signTest } from "../../stats/distributions.ts";
import { type Interval, tInterval } from "../../stats/interval.ts";
import { sampleOf } from "../../stats/welch.ts";

export interface Drafted<T> {
  readonly items: readonly T[];
  /** Whose each item is: 0 the first ranking's, 1 the second's. */
  readonly team: Uint8Array;
}

/** Team draft: in each round both, in an order that is drawn, add their best item that is not in the list yet. */
export function teamDraft<T>(first: readonly T[], second: readonly T[], k: number, rng: Rng): Drafted<T> {
  const items: T[] = [];
  const team: number[] = [];
  const taken = new Set<T>();
  const next = (ranking: readonly T[]) => ranking.find((item) => !taken.has(item));
  while (items.length < k) {
    const starts = rng.below(2);
    const before = items.length;
    for (const side of [starts, 1 - starts]) {
      const item = next(side === 0 ? first : second);
      if (item === undefined || items.length === k) continue;
      taken.add(item);
      items.push(item);
      team.push(side);
    }
    if (items.length === before) break;
  }
  return { items, team: Uint8Array.from(team) };
}

/** Balanced: the rankings take turns; an item that the other has added already is not shown twice. */
export function balanced<T>(first: readonly T[], second: readonly T[], k: number, firstStarts: boolean): T[] {
  const items = new Set<T>();
  let [a, b] = [0, 0];
  while (items.size < k && (a < first.length || b < second.length)) {
    const turn = a < b || (a === b && firstStarts) ? "first" : "second";
    if (b >= second.length || (turn === "first" && a < first.length)) items.add(first[a++]!);
    else items.add(second[b++]!);
  }
  return [...items];
}

/**
 * The credit of a balanced list: clicks on either ranking's first n items, where n is where the lowest click stands in
 * the ranking that has it higher. Places from 1, Infinity for an item that a ranking lacks.
 */
export function balancedCredit(
  clicks: readonly { readonly first: number; readonly second: number }[],
): [number, number] {
  const n = clicks.reduce((deepest, { first, second }) => Math.max(deepest, Math.min(first, second)), 0);
  return [clicks.filter(({ first }) => first <= n).length, clicks.filter(({ second }) => second <= n).length];
}

export interface Interleaved {
  readonly users: number;
  /** Users who prefer the first ranking, the second, neither. */
  readonly wins: number;
  readonly losses: number;
  readonly ties: number;
  /** Mean over users of the share of lists won less the share lost, -1 to 1, with its t-interval. */
  readonly preference?: number;
  readonly interval?: Interval;
  /** Sign test over users, two-sided, exact. */
  readonly p?: number;
  readonly refused?: string;
}

/** Lists by their user and their credits; a user counts once, however many lists. */
export function preferences(
  lists: readonly { readonly user: number; readonly first: number; readonly second: number }[],
  users: number,
  level: number,
): Interleaved {
  const sum = new Float64Array(users);
  const count = new Float64Array(users);
  for (const { user, first, second } of lists) {
    sum[user]! += Math.sign(first - second);
    count[user]!++;
  }
  const each = Array.from(sum, (s, u) => (count[u] === 0 ? Number.NaN : s / count[u]!));
  const { n, mean, variance } = sampleOf(each);
  const wins = each.filter((x) => x > 0).length;
  const losses = each.filter((x) => x < 0).length;
  const counts = { users: n, wins, losses, ties: n - wins - losses };
  if (wins + losses < 10)
    return { ...counts, refused: `only ${wins + losses} users prefer either; at least 10 are needed.` };
  const interval = tInterval(mean, Math.sqrt(variance / n), n - 1, level);
  return { ...counts, preference: mean, interval, p: signTest(wins, wins + losses) };
}
