// The evidence itself: what a recommender would show to whom. Every ranking metric, every comparison with a teacher and
// every gate is a pure function of such lists and of what the users really took.

import { UserError } from "../base/errors.ts";
import { type Interactions, rowOf } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Places } from "../kinds/metric.ts";
import { recommendAll } from "../recommender/recommend-all.ts";
import type { Recommender } from "../recommender/recommender.ts";

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

/** Users with something to find. Throws a UserError where there is none. */
export function usersToJudge(truth: Interactions): Int32Array {
  const users = Int32Array.from({ length: truth.users }, (_, u) => u).filter((u) => rowOf(truth, u).length > 0);
  if (users.length > 0) return users;
  throw new UserError("evaluate: no user has an item to predict; give the split a larger share.");
}

/** Full ranking: every item that the user has not taken is a candidate, none is sampled. */
export async function rankAll(
  kernels: Kernels,
  recommender: Recommender,
  { seen, truth }: Judgement,
  k: number,
  progress?: (done: number, total: number) => void,
): Promise<RankedLists> {
  const users = usersToJudge(truth);
  const request = { users, histories: seen, exclude: seen, k, ...(progress && { progress }) };
  const { items } = await recommendAll(kernels, recommender, request);
  return { k, users, items };
}
