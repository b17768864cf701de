// Several teachers' lists of one user as one: the consensus of HetComp (Kang et al., WWW 2023, arXiv 2303.01130). What a teacher does not list stands just below its list, or gets nothing by reciprocal-rank.
// With m teachers, r the rank from 1:
//
//   mean-rank         -(1/m) Σ r
//   reciprocal-rank   (1/m) Σ 1 / (60 + r)    (Cormack, Clarke and Büttcher, SIGIR 2009)
//   mean-score        (1/m) Σ z,   z the scores of the list less their mean, by their deviation; the list's lowest below it
//   gate              Σ g(u) / (60 + r),  g the shares that validation taught (gate.ts), in place of 1/m
//
// A teacher that lists nothing for a user has no say about that user.

import type { TeacherLists } from "../../kinds/guidance.ts";
import type { Gate } from "./gate.ts";
import type { EnsembleStep } from "./options.ts";

/** What each place of a list gives its item, and what an item gets that is not in it. */
type Say = { readonly at: Float64Array; readonly below: number };

const says: Readonly<Record<EnsembleStep["combine"], (scores: Float32Array) => Say>> = {
  gate: (scores) => says["reciprocal-rank"](scores),
  "mean-rank": ({ length }) => ({ at: Float64Array.from({ length }, (_, r) => -(r + 1)), below: -(length + 1) }),
  "reciprocal-rank": ({ length }) => ({ at: Float64Array.from({ length }, (_, r) => 1 / (61 + r)), below: 0 }),
  "mean-score": (scores) => {
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length);
    const at = Float64Array.from(scores, (score) => (deviation > 0 ? (score - mean) / deviation : 0));
    return { at, below: at.reduce((least, z) => Math.min(least, z), 0) };
  },
};

/** The best `n` of each user by all of `members`, which are of the same users and weigh alike without a gate; equal ones by item. */
export function combineLists(
  members: readonly TeacherLists[],
  combine: EnsembleStep["combine"],
  n: number,
  gate: Gate = () => 1,
): TeacherLists {
  const users = members[0]!.items.length / members[0]!.n;
  const lists = { n, items: new Int32Array(users * n).fill(-1), scores: new Float32Array(users * n) };
  for (let user = 0; user < users; user++) {
    const total = new Map<number, number>();
    let voices = 0;
    let floor = 0;
    for (const [t, { n: width, items, scores }] of members.entries()) {
      const row = items.subarray(user * width, (user + 1) * width);
      const end = row.indexOf(-1);
      const length = end < 0 ? width : end;
      if (length === 0) continue;
      const { at, below } = says[combine](scores.subarray(user * width, user * width + length));
      const weight = gate(user, t);
      voices += weight;
      floor += weight * below;
      for (let r = 0; r < length; r++) total.set(row[r]!, (total.get(row[r]!) ?? 0) + weight * (at[r]! - below));
    }
    const ranked = [...total].sort(([a, x], [b, y]) => y - x || a - b);
    for (let r = 0; r < Math.min(n, ranked.length); r++) {
      const [item, gain] = ranked[r]!;
      lists.items[user * n + r] = item;
      lists.scores[user * n + r] = (gain + floor) / voices;
    }
  }
  return lists;
}
