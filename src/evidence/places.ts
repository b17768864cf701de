// Where a user's relevant items are in the whole ranking, from a row of scores: what metrics need that no k cuts off.

import type { Places } from "../kinds/metric.ts";

/**
 * The places of `wanted` in one user's row of scores, in which NaN is no candidate and `candidates` are the others. A
 * wanted item that is no candidate comes after all. The row is as it was afterwards.
 */
export function placesOf(scores: Float32Array, wanted: Int32Array, candidates: number): Places {
  const marks = Float32Array.from(wanted, (item) => scores[item]!);
  for (const item of wanted) scores[item] = Number.NaN;
  const levels = Float32Array.from(new Set(marks.filter((mark) => !Number.isNaN(mark)))).sort();
  // Scores equal to level l, and those above l levels and below the rest.
  const equal = new Int32Array(levels.length);
  const between = new Int32Array(levels.length + 1);
  const lowest = levels[0] ?? Number.POSITIVE_INFINITY;
  for (let j = 0; j < scores.length; j++) {
    const score = scores[j]!;
    if (!(score >= lowest)) continue;
    const l = levels.length > 1 ? atMost(levels, score) : 0;
    if (levels[l] === score) equal[l]!++;
    else between[l + 1]!++;
  }
  for (const [e, item] of wanted.entries()) scores[item] = marks[e]!;
  const higher = new Int32Array(levels.length);
  for (let l = levels.length - 1, sum = 0; l >= 0; l--) {
    higher[l] = sum += between[l + 1]!;
    sum += equal[l]!;
  }
  const others = candidates - marks.reduce((n, mark) => n + (Number.isNaN(mark) ? 0 : 1), 0);
  const level = Array.from(marks, (mark) => levels.indexOf(mark));
  return {
    above: Int32Array.from(level, (l) => (l < 0 ? others : higher[l]!)),
    tied: Int32Array.from(level, (l) => (l < 0 ? 0 : equal[l]!)),
    others,
  };
}

/** The last of the rising levels that is ≤ x; the first one is. */
function atMost(levels: Float32Array, x: number): number {
  let [low, high] = [0, levels.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (levels[middle]! <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}
