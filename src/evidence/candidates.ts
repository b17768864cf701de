// Candidates: the items that are ranked for a user instead of the whole catalogue. Only on request, for what is found
// among a few is no quality of a ranking; their fingerprint goes wherever the figures go.

import { UserError } from "../base/errors.ts";
import { createRng } from "../base/rng.ts";
import { sha256 } from "../base/sha256.ts";
import { aliasTable, drawAlias } from "../data/alias.ts";
import { holds, type Interactions, rowOf } from "../data/interactions.ts";
import { type Judgement, usersToJudge } from "./lists.ts";

export interface Candidates {
  readonly kind: "file" | "uniform" | "popularity";
  /** User u may be shown items[start[u] … start[u + 1]), ascending: nothing seen, everything that is to be found. */
  readonly start: Int32Array;
  readonly items: Int32Array;
  /** Mean of those who are judged. */
  readonly perUser: number;
  /** SHA-256 of whose candidates are what, by id, whatever the order of users and items. */
  readonly fingerprint: string;
}

/** What did not count, and how often. */
export interface LeftOut {
  readonly what: string;
  readonly count: number;
}

interface Ids {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
}

/**
 * Rows of user and item as candidates. Users without a row are judged no more: `judgement` is the given one without
 * what they took. `added` relevant items were not among the rows.
 */
export function givenCandidates(
  rows: { readonly user: readonly string[]; readonly item: readonly string[] },
  judgement: Judgement,
  ids: Ids,
  file: string,
): { candidates: Candidates; judgement: Judgement; added: number; leftOut: LeftOut[] } {
  const [users, items] = [ids.userIds, ids.itemIds].map((known) => new Map(known.map((id, at) => [id, at])));
  const { truth, seen } = judgement;
  const chosen = new Map<number, Set<number>>();
  let [strange, twice, taken, idle] = [0, 0, 0, 0];
  for (let r = 0; r < rows.user.length; r++) {
    const [user, item] = [users!.get(rows.user[r]!), items!.get(rows.item[r]!)];
    if (user === undefined || item === undefined) strange++;
    else if (rowOf(truth, user).length === 0) idle++;
    else if (holds(rowOf(seen, user), item)) taken++;
    else {
      const own = chosen.get(user) ?? new Set();
      if (own.has(item)) twice++;
      chosen.set(user, own.add(item));
    }
  }
  const judged = usersToJudge(truth);
  const without = judged.filter((user) => !chosen.has(user));
  if (without.length === judged.length) {
    throw new UserError(
      `${file}: none of its ${rows.user.length} rows is a candidate of a user who has an item to find; check its ids.`,
    );
  }
  let added = 0;
  for (const [user, own] of chosen) {
    const before = own.size;
    for (const item of rowOf(truth, user)) own.add(item);
    added += own.size - before;
  }
  const count = (what: string, count: number) => (count > 0 ? [{ what, count }] : []);
  return {
    candidates: pack("file", truth.users, (user) => Int32Array.from(chosen.get(user) ?? []), ids),
    judgement: { ...judgement, truth: omit(truth, new Set(without)) },
    added,
    leftOut: [
      ...count(`rows of ${file} whose user or item the data lacks`, strange),
      ...count(`rows of ${file} of users without an item to find`, idle),
      ...count(`rows of ${file} with an item that the user had taken before`, taken),
      ...count(`repeated rows of ${file}`, twice),
      ...count(`users without a candidate in ${file}`, without.length),
    ],
  };
}

/** `negatives` items a user, drawn without repeats from what the user has not taken, beside what is to be found. */
export function drawnCandidates(
  { negatives, seed, by }: { readonly negatives: number; readonly seed: number; readonly by: "uniform" | "popularity" },
  { train, seen, truth }: Judgement,
  ids: Ids,
): Candidates {
  const weights = new Float64Array(train.items).fill(by === "uniform" ? 1 : 0);
  if (by === "popularity") for (const item of train.indices) weights[item]!++;
  const drawable = weights.reduce((n, weight) => n + (weight > 0 ? 1 : 0), 0);
  const table = aliasTable(weights);
  const taken = new Int32Array(train.items).fill(-1);
  const rng = createRng(seed).fork("candidates");
  const draw = (user: number): Int32Array => {
    const wanted = rowOf(truth, user);
    if (wanted.length === 0) return wanted;
    const own = rng.fork(ids.userIds[user] ?? String(user));
    let left = drawable;
    for (const row of [wanted, rowOf(seen, user)]) {
      for (const item of row) {
        if (taken[item] !== user && weights[item]! > 0) left--;
        taken[item] = user;
      }
    }
    const found: number[] = [];
    const most = Math.min(negatives, left);
    for (let tries = 16 * most; found.length < most && tries > 0; tries--) {
      const item = drawAlias(table, own);
      if (taken[item] === user) continue;
      taken[item] = user;
      found.push(item);
    }
    if (found.length < most) {
      // Few are left, or heavy ones are gone: the rest in one pass, by the smallest of -ln(u) / weight (Efraimidis & Spirakis 2006).
      const keys: [key: number, item: number][] = [];
      for (const [item, weight] of weights.entries()) {
        if (weight > 0 && taken[item] !== user) keys.push([-Math.log(1 - own.uniform()) / weight, item]);
      }
      keys.sort(([a], [b]) => a - b);
      found.push(...keys.slice(0, most - found.length).map(([, item]) => item));
    }
    return Int32Array.from([...found, ...wanted]);
  };
  return pack(by, truth.users, draw, ids);
}

function pack(kind: Candidates["kind"], users: number, itemsOf: (user: number) => Int32Array, ids: Ids): Candidates {
  const rows = Array.from({ length: users }, (_, user) => itemsOf(user).sort());
  const start = new Int32Array(users + 1);
  for (let user = 0; user < users; user++) start[user + 1] = start[user]! + rows[user]!.length;
  const items = new Int32Array(start[users]!);
  for (let user = 0; user < users; user++) items.set(rows[user]!, start[user]!);
  const judged = rows.filter((row) => row.length > 0).length;
  return { kind, start, items, perUser: items.length / Math.max(1, judged), fingerprint: fingerprint(rows, ids) };
}

/** SHA-256 of the sorted SHA-256s of each user's "user\titem\titem…", items in the order of their ids. */
function fingerprint(rows: readonly Int32Array[], { userIds, itemIds }: Ids): string {
  const order = [...itemIds.keys()].sort((a, b) => (itemIds[a]! < itemIds[b]! ? -1 : 1));
  const rank = new Int32Array(itemIds.length);
  for (const [r, item] of order.entries()) rank[item] = r;
  const lines = rows.flatMap((row, user) => {
    if (row.length === 0) return [];
    const names = Array.from(row.map((item) => rank[item]!).sort(), (r) => itemIds[order[r]!]!);
    return [sha256([userIds[user]!, ...names].join("\t"))];
  });
  return sha256(lines.sort().join("\n"));
}

/** The matrix without the rows of some users. */
function omit(matrix: Interactions, users: ReadonlySet<number>): Interactions {
  const kept: number[] = [];
  const indptr = new Int32Array(matrix.users + 1);
  for (let u = 0; u < matrix.users; u++) {
    if (!users.has(u)) for (let e = matrix.indptr[u]!; e < matrix.indptr[u + 1]!; e++) kept.push(e);
    indptr[u + 1] = kept.length;
  }
  const { times: _, indices, values, ...rest } = matrix;
  return {
    ...{ ...rest, indptr },
    ...{ indices: Int32Array.from(kept, (e) => indices[e]!), values: Float32Array.from(kept, (e) => values[e]!) },
  };
}
