// The evidence itself: what a recommender would show to whom. Every ranking metric, every comparison with a teacher and
// every gate is a pure function of such lists and of what the users really took.

import { UserError } from "../base/errors.ts";
import { type Interactions, rowOf } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { recommendScores } from "../kernels/recommend-many.ts";
import type { Places } from "../kinds/metric.ts";
import { openRanker, type Ranker } from "../recommender/recommend-all.ts";
import type { Recommender } from "../recommender/recommender.ts";
import type { Candidates } from "./candidates.ts";
import { placesOf } from "./places.ts";

/** The lists of `users` (ascending): row r is items[r·k … (r + 1)·k), best first, -1 pads. */
export interface RankedLists {
  readonly k: number;
  readonly users: Int32Array;
  readonly items: Int32Array;
  /** Where a metric needs them, one entry a row: the user's relevant items, ascending, among all candidates. */
  readonly places?: readonly Places[];
}

/** What was known before, and what came after. */
export interface Judgement {
  readonly train: Interactions;
  /** Input and exclusions: train, and validation too when testing. */
  readonly seen: Interactions;
  readonly truth: Interactions;
}

export interface Ranking {
  /** Finds the places of relevant items, too. */
  readonly places?: boolean;
  /** What errors call the recommender and its users. */
  readonly name?: string;
  readonly userIds?: readonly string[];
  readonly progress?: (done: number, total: number) => void;
}

/** Users with something to find. Throws a UserError where there is none. */
export function usersToJudge(truth: Interactions): Int32Array {
  const users = Int32Array.from({ length: truth.users }, (_, u) => u).filter((u) => rowOf(truth, u).length > 0);
  if (users.length > 0) return users;
  throw new UserError("evaluate: no user has an item to predict; give the split a larger share.");
}

/** Full ranking: every item that the user has not taken is a candidate, none is sampled. */
export function rankAll(
  kernels: Kernels,
  recommender: Recommender,
  judgement: Judgement,
  k: number,
  ranking: Ranking = {},
): Promise<RankedLists> {
  const { seen, truth } = judgement;
  return withRanker(kernels, recommender, judgement, ranking, async (ranker, users) => {
    if (!ranking.places) {
      const { items } = await ranker.rank(users, seen, k, ranking.progress);
      return { k, users, items };
    }
    return rankRows(kernels, ranker, users, truth, k, ranking, (user, scores) => {
      const taken = rowOf(seen, user);
      for (const item of taken) scores[item] = Number.NaN;
      return scores.length - taken.length;
    });
  });
}

/** Ranks each user's candidates and nothing else. */
export function rankCandidates(
  kernels: Kernels,
  recommender: Recommender,
  judgement: Judgement,
  { start, items }: Candidates,
  k: number,
  ranking: Ranking = {},
): Promise<RankedLists> {
  return withRanker(kernels, recommender, judgement, ranking, (ranker, users) =>
    rankRows(kernels, ranker, users, judgement.truth, k, ranking, (user, scores) => {
      const own = items.subarray(start[user]!, start[user + 1]!);
      const kept = Float32Array.from(own, (item) => scores[item]!);
      scores.fill(Number.NaN);
      for (let at = 0; at < own.length; at++) scores[own[at]!] = kept[at]!;
      return own.length;
    }),
  );
}

async function withRanker(
  kernels: Kernels,
  recommender: Recommender,
  { seen, truth }: Judgement,
  { name = "The model", userIds }: Ranking,
  rank: (ranker: Ranker, users: Int32Array) => Promise<RankedLists>,
): Promise<RankedLists> {
  const refuse = (user: number) => {
    throw new UserError(
      `${name}: a score of user "${userIds?.[user] ?? user}" is NaN, so nothing can be ranked; its training diverged or its file is damaged: train or export it again.`,
    );
  };
  const ranker = await openRanker(kernels, recommender, seen, refuse);
  try {
    return await rank(ranker, usersToJudge(truth));
  } finally {
    ranker.free();
  }
}

/** Lists from whole rows of scores; `mask` makes NaN of what is no candidate and says how many are. */
async function rankRows(
  kernels: Kernels,
  ranker: Ranker,
  users: Int32Array,
  truth: Interactions,
  k: number,
  ranking: Ranking,
  mask: (user: number, scores: Float32Array) => number,
): Promise<RankedLists> {
  const items = new Int32Array(users.length * k);
  const places: Places[] = [];
  await ranker.score(users, async (from, scores, b) => {
    const n = scores.length / b;
    const rows = Array.from({ length: b }, (_, r) => {
      const row = scores.subarray(r * n, (r + 1) * n);
      const user = users[from + r]!;
      return { scores: row, wanted: rowOf(truth, user), candidates: mask(user, row) };
    });
    if (ranking.places) places.push(...(await placesOf(kernels, scores, rows)));
    const scope = kernels.scope();
    try {
      const outItems = scope.i32(b * k);
      await recommendScores(kernels, {
        ...{ scores, b, n, top: k, outItems, outScores: scope.f32(b * k) },
        ...{ excludeIndptr: scope.i32(b + 1), excludeIndices: scope.i32(0) },
      });
      items.set(outItems, from * k);
    } finally {
      scope.free();
    }
    ranking.progress?.(from + b, users.length);
  });
  return { k, users, items, ...(ranking.places && { places }) };
}
