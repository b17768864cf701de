// What students are judged against where the teacher has lists and no model: its own lists, without what users had taken.

import { holds, rowOf } from "../../data/interactions.ts";
import type { LeftOut } from "../../evidence/candidates.ts";
import { evaluate } from "../../evidence/evaluate.ts";
import { type RankedLists, usersToJudge } from "../../evidence/lists.ts";
import type { Bench } from "../bench.ts";
import type { Reference } from "../measure.ts";
import type { Recipe } from "../recipe.ts";
import type { ListTeacher } from "./teacher.ts";

export interface ListReference extends Reference {
  readonly method: string;
  readonly leftOut: readonly LeftOut[];
}

/** The teacher's lists and their figures, as those of a model. */
export function measureLists(
  { name, key, method, leftOut, lists: { n, items } }: ListTeacher,
  { judgement, candidates, catalogue, metrics, slices }: Bench,
  { evaluate: { ks } }: Recipe,
): ListReference {
  const k = Math.max(...ks);
  const users = usersToJudge(judgement.truth);
  const lists: RankedLists = { k, users, items: new Int32Array(users.length * k).fill(-1) };
  for (const [row, user] of users.entries()) {
    const seen = rowOf(judgement.seen, user);
    const asked = candidates?.items.subarray(candidates.start[user]!, candidates.start[user + 1]!);
    const own = items.subarray(user * n, (user + 1) * n);
    const shown = own.filter((item) => item >= 0 && !holds(seen, item) && (!asked || holds(asked, item)));
    lists.items.set(shown.subarray(0, k), row * k);
  }
  const quality = evaluate(lists, judgement, catalogue, { ks, metrics, slices });
  return { name, key, method, leftOut, lists, quality };
}
