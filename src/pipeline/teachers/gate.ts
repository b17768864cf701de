// How much each of several teachers is to be heard about a user, learnt from what users took later: a mixture of experts
// (Jacobs et al., Neural Computation 1991) over the teachers' lists.
//
//     g_t(u) = softmax_t(a_t + b_t x_u),  x_u: log of how much u took, standardised
//     p_t(i | u) ∝ 1 / (60 + r) over the list of t;   L = -mean over validation pairs of log Σ_t g_t(u) p_t(i | u)
//
// Two numbers a teacher, by gradient descent from equal shares. A pair that no teacher lists says nothing.

import { type Interactions, rowOf } from "../../data/interactions.ts";
import type { TeacherLists } from "../../kinds/guidance.ts";

const rounds = 300;
const rate = 1;
/** Draws shares towards equal ones, as 1 pair in a hundred would. */
const pull = 0.01;

/** The share of each teacher in what is said of a user; they add up to 1. */
export type Gate = (user: number, teacher: number) => number;

export function learnGate(members: readonly TeacherLists[], train: Interactions, validation: Interactions): Gate {
  const feature = standardised(
    Float64Array.from({ length: train.users }, (_, u) => Math.log1p(rowOf(train, u).length)),
  );
  const pairs = pairsOf(members, validation);
  const [shift, slope] = [new Float64Array(members.length), new Float64Array(members.length)];
  const shares = (user: number) => softmax(shift.map((a, t) => a + slope[t]! * feature[user]!));
  for (let round = 0; round < rounds && pairs.length > 0; round++) {
    const [down, along] = [shift.map((a) => pull * a), slope.map((b) => pull * b)];
    for (const { user, says } of pairs) {
      const own = shares(user);
      const all = own.reduce((sum, share, t) => sum + share * says[t]!, 0);
      for (const [t, share] of own.entries()) {
        // d/dlogit of -log Σ g p: the share less the part that t has in what was taken.
        const less = (share - (share * says[t]!) / all) / pairs.length;
        down[t]! += less;
        along[t]! += less * feature[user]!;
      }
    }
    for (const t of members.keys()) {
      shift[t]! -= rate * down[t]!;
      slope[t]! -= rate * along[t]!;
    }
  }
  return (user, teacher) => shares(user)[teacher]!;
}

/** For each pair that some teacher lists, p_t of it by every teacher. */
function pairsOf(members: readonly TeacherLists[], taken: Interactions) {
  const pairs: { user: number; says: Float64Array }[] = [];
  for (let user = 0; user < taken.users; user++) {
    const places = members.map(({ n, items }) => {
      const row = items.subarray(user * n, (user + 1) * n).filter((item) => item >= 0);
      const total = row.reduce((sum, _, r) => sum + 1 / (61 + r), 0);
      return new Map(Array.from(row, (item, r) => [item, 1 / (61 + r) / total]));
    });
    for (const item of rowOf(taken, user)) {
      const says = Float64Array.from(places, (of) => of.get(item) ?? 0);
      if (says.some((p) => p > 0)) pairs.push({ user, says });
    }
  }
  return pairs;
}

function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  return values.map((x) => (deviation > 0 ? (x - mean) / deviation : 0));
}

function softmax(logits: Float64Array): Float64Array {
  const most = Math.max(...logits);
  const powers = logits.map((x) => Math.exp(x - most));
  const sum = powers.reduce((total, x) => total + x, 0);
  return powers.map((x) => x / sum);
}
