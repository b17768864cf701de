// Easy before hard (HetComp, Kang et al., WWW 2023, arXiv 2303.01130): a teacher's lists at several moments of its own
// training, the earliest the easiest to follow, and for each user the one that the student is ready for.
//
//     D(ranks, list) = 1 - NDCG@K of the ranks, the first K of the list as what is relevant
//     a user moves from list v to v + 1 once D(student, v) ≤ D(v, v + 1): what is left is no more than the next step
//
// The authors watch the ratio of both over a training and relax it as that goes on; here the comparison is made afresh
// each time and has no threshold to choose.

import type { TeacherLists } from "../../kinds/guidance.ts";

/** Visits of a user from one look at the student to the next. */
const patience = 10;
const considered = 50;

export interface Trajectory {
  /** Which list a user is to be taught. */
  levelOf(user: number): number;
  /** Counts a visit; every tenth calls for the student's ranks of the user's present list, and may move the user on. */
  visited(user: number, ranks: () => Int32Array): void;
}

export function createTrajectory(stages: readonly TeacherLists[], users: number): Trajectory {
  const level = new Uint8Array(users);
  const visits = new Uint32Array(users);
  const row = (stage: number, user: number) => {
    const { n, items } = stages[stage]!;
    const own = items.subarray(user * n, (user + 1) * n);
    const end = own.indexOf(-1);
    return end < 0 ? own : own.subarray(0, end);
  };
  return {
    levelOf: (user) => level[user]!,
    visited(user, ranks) {
      const at = level[user]!;
      if (++visits[user]! % patience !== 0 || at === stages.length - 1) return;
      const [present, next] = [row(at, user), row(at + 1, user)];
      const places = new Map(Array.from(present, (item, rank) => [item, rank]));
      const ahead = discrepancy(Array.from(next, (item) => places.get(item) ?? Number.POSITIVE_INFINITY));
      if (discrepancy(ranks()) <= ahead) level[user] = at + 1;
    },
  };
}

/** D for ranks from 0 of a list's items, in its order. */
export function discrepancy(ranks: ArrayLike<number>): number {
  const k = Math.min(considered, ranks.length);
  let [gain, best] = [0, 0];
  for (let place = 0; place < k; place++) {
    if (ranks[place]! < k) gain += 1 / Math.log2(2 + ranks[place]!);
    best += 1 / Math.log2(2 + place);
  }
  return best === 0 ? 0 : 1 - gain / best;
}
