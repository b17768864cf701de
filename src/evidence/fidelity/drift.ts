// Score drift: how far another model moves the scores of the teacher's best items. Two models' scores have no common unit,
// so each user's scores are standardised over the whole catalogue first (mean 0, deviation 1), and the moves are measured
// against how high the items stood:
//
//   drift = Σ_j |z'_j - z_j| / Σ_j |z_j|,   j: the teacher's first k items
//
// 0 where the scores are the teacher's up to an offset and a positive factor; 1 where the best have become average ones.

import type { Interactions } from "../../data/interactions.ts";
import { rowOf, sequenceOf } from "../../data/interactions.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Recommender } from "../../recommender/recommender.ts";
import { openScorer, type Query } from "../../recommender/scorer.ts";
import type { RankedLists } from "../lists.ts";

/** Users whose scores are compared, at most; evenly spread over those judged. */
const sampled = 1000;

/** Rows of `lists` that drift is measured on: all of them, or 1,000 at even distances. */
export function driftRows({ users }: RankedLists): Int32Array {
  const n = Math.min(sampled, users.length);
  return Int32Array.from({ length: n }, (_, i) => Math.floor((i * users.length) / n));
}

/** Standardised scores of the items of `lists` in the rows given: row-major [rows, k]; NaN for padding. */
export function standardScores(
  kernels: Kernels,
  recommender: Recommender,
  seen: Interactions,
  { k, users, items }: RankedLists,
  rows: Int32Array,
): Float64Array {
  const standard = new Float64Array(rows.length * k);
  const scorer = openScorer(kernels, recommender);
  try {
    for (const [i, row] of rows.entries()) {
      const scores = scorer.score(queryOf(recommender, seen, users[row]!));
      const { mean, deviation } = spread(scores);
      for (let at = 0; at < k; at++) {
        const item = items[row * k + at]!;
        standard[i * k + at] = item < 0 ? Number.NaN : deviation > 0 ? (scores[item]! - mean) / deviation : 0;
      }
    }
  } finally {
    scorer.free();
  }
  return standard;
}

/** The drift of each row (of width `width`) over its first k items; NaN where the teacher's stand at the mean. */
export function driftOf(teacher: Float64Array, other: Float64Array, width: number, k: number): Float64Array {
  return Float64Array.from({ length: teacher.length / width }, (_, row) => {
    let [moved, height] = [0, 0];
    for (let at = row * width; at < row * width + k; at++) {
      if (Number.isNaN(teacher[at]!)) continue;
      moved += Math.abs(other[at]! - teacher[at]!);
      height += Math.abs(teacher[at]!);
    }
    return moved / height;
  });
}

function queryOf({ query, encoder }: Recommender, seen: Interactions, user: number): Query {
  if (query === "user") return { user };
  if (query === "none") return {};
  return { history: encoder ? sequenceOf(seen, user) : rowOf(seen, user) };
}

function spread(scores: Float32Array): { mean: number; deviation: number } {
  let [sum, squares] = [0, 0];
  for (const x of scores) sum += x;
  const mean = sum / scores.length;
  for (const x of scores) squares += (x - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / scores.length) };
}
