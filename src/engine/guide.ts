// Runs a recipe's distillation terms for one user at a time. It knows candidates and gradients, not how a student
// makes its scores: the model gives a function that scores items and one that takes their gradients.

import type { Rng } from "../base/rng.ts";
import { equalShares } from "../data/equal-shares.ts";
import { type Interactions, rowOf, takenCounts } from "../data/interactions.ts";
import type { Guidance, TeacherLists, Term } from "../kinds/guidance.ts";
import type { LossMethod } from "../kinds/loss.ts";
import { studentRanks } from "./distil/student-ranks.ts";
import { optionsAt, shareIn } from "./distil/teaching.ts";
import { createTrajectory } from "./distil/trajectory.ts";

/**
 * The average user's best score, for teachers here and for students at their start: models score on any scale, and a
 * temperature means the same everywhere only on a common one. 8 lets a softmax tell good from bad.
 */
export const typicalBest = 8;

export interface Guide {
  /** Of one term. */
  readonly mostCandidates: number;
  /** Says in which epoch the next visits are. */
  enter(epoch: number, epochs: number): void;
  /**
   * One pass of every term over `user`. `score(items, n, out)` fills the student's scores of items[0…n); `apply(items,
   * n, grad)` gets d loss / d score, already times the teacher's share, weight and `times`, for how many visits this one stands.
   * Returns the weighted loss.
   */
  visit(
    user: number,
    score: (items: Int32Array, n: number, out: Float32Array) => void,
    apply: (items: Int32Array, n: number, grad: Float32Array) => void,
    times?: number,
  ): number;
}

/** The terms that see `what`. */
export const termsOf = <K extends LossMethod["sees"]>(
  { terms }: Guidance,
  what: K,
): Term<Extract<LossMethod, { sees: K }>>[] =>
  terms.filter((term): term is Term<Extract<LossMethod, { sees: K }>> => term.loss.sees === what);

/** With "users" items take the place of users everywhere, and `train` is a matrix of items by users. */
export function createGuide(
  guidance: Guidance,
  train: Interactions,
  rng: Rng,
  sees: "candidates" | "users" = "candidates",
): Guide {
  let share = shareIn(guidance, 0);
  const stages = sees === "users" ? [guidance.usersOf!] : [...(guidance.easier ?? []), guidance.lists];
  const trajectory = createTrajectory(stages, train.users);
  const scaled = stages.map((lists) => {
    const factor = teacherScale(lists, train.users);
    return lists.scores.map((score) => score * factor);
  });
  const { n: longest } = stages.at(-1)!;
  const taken = new Int32Array(train.items).fill(-1);
  const terms = [...termsOf(guidance, sees)].map((term) => {
    const { loss, options, weight } = term;
    const wanted = loss.candidates(options);
    const listed = Math.min(wanted.listed, longest);
    // A pick may ask for scores of the whole list.
    const most = (loss.pick || stages.length > 1 ? longest : listed) + wanted.unlisted;
    return {
      ...{ term, loss, options, weight, wanted },
      items: new Int32Array(most),
      others: new Int32Array(wanted.unlisted),
      places: new Int32Array(listed),
      teacher: new Float32Array(listed),
      student: new Float32Array(most),
      grad: new Float32Array(most),
    };
  });
  const groups = popularityGroups(train);
  return {
    mostCandidates: Math.max(0, ...terms.map(({ items }) => items.length)),
    enter(epoch, epochs) {
      for (const one of terms) one.options = optionsAt(one.term, epoch / Math.max(1, epochs - 1));
      share = shareIn(guidance, epoch);
    },
    visit(user, score, apply, times = 1) {
      for (const item of rowOf(train, user)) taken[item] = user;
      const level = trajectory.levelOf(user);
      const row = stages[level]!.items.subarray(user * longest, (user + 1) * longest);
      const end = row.indexOf(-1);
      const length = end < 0 ? longest : end;
      for (let r = 0; r < length; r++) taken[row[r]!] = user;
      const free = train.items - rowOf(train, user).length - length;
      let total = 0;
      for (const [t, term] of terms.entries()) {
        const { loss, options, weight, wanted, items, others, places, teacher, student, grad } = term;
        // With few items left over, rejection would crawl; the list itself is then nearly the catalogue.
        const unlisted = free * 20 < train.items ? 0 : wanted.unlisted;
        for (let drawn = 0; drawn < unlisted; ) {
          const item = rng.below(train.items);
          if (taken[item] !== user) others[drawn++] = item;
        }
        const list = {
          ...{ items: row.subarray(0, length), groups, catalogue: train.items },
          student() {
            items.set(row.subarray(0, length));
            items.set(others.subarray(0, unlisted), length);
            score(items, length + unlisted, student);
            return student.slice(0, length + unlisted);
          },
        };
        if (t === 0) trajectory.visited(user, () => studentRanks(list.student(), length, train.items));
        const picked = loss.pick?.(list, options, rng, places) ?? firstPlaces(places, length);
        const { listed, above } = typeof picked === "number" ? { listed: picked, above: picked } : picked;
        if (above === 0) continue;
        for (let c = 0; c < listed; c++) {
          items[c] = row[places[c]!]!;
          teacher[c] = scaled[level]![user * longest + places[c]!]!;
        }
        const n = listed + unlisted;
        items.set(others.subarray(0, unlisted), listed);
        score(items, n, student);
        grad.fill(0, 0, n);
        const value = loss.lossAndGrad(
          {
            ...{ listed, above },
            student: student.subarray(0, n),
            teacher: teacher.subarray(0, listed),
            items: train.items,
          },
          options,
          grad,
        );
        const scale = times * share * weight;
        for (let c = 0; c < n; c++) grad[c]! *= scale;
        apply(items, n, grad);
        total += scale * value;
      }
      return total;
    },
  };
}

function firstPlaces(places: Int32Array, length: number): number {
  const n = Math.min(places.length, length);
  for (let c = 0; c < n; c++) places[c] = c;
  return n;
}

/** Items by rising popularity, cut where `count` groups of them have equal shares of the interactions. */
function popularityGroups(train: Interactions): (count: number) => Uint8Array {
  const known = new Map<number, Uint8Array>();
  return (count) => {
    const found = known.get(count);
    if (found) return found;
    const taken = takenCounts(train);
    const rising = Int32Array.from(taken.keys()).sort((a, b) => taken[a]! - taken[b]! || a - b);
    const groups = equalShares(taken, rising, count);
    known.set(count, groups);
    return groups;
  };
}

/** What the teacher's scores are multiplied by, so that the average user's best is `typicalBest`. */
export function teacherScale(lists: TeacherLists, users: number): number {
  let total = 0;
  let counted = 0;
  for (let u = 0; u < users; u++) {
    if (lists.n === 0 || lists.items[u * lists.n]! < 0) continue;
    total += lists.scores[u * lists.n]!;
    counted++;
  }
  return total > 0 ? (typicalBest * counted) / total : 1;
}
