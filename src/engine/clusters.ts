// k-means of single numbers from a start that is chosen (Deep Compression, arXiv 1510.00149, compares linear, density and
// random ones; k-means++ is Arthur & Vassilvitskii, SODA 2007):
//
//     linear      min + i (max - min) / (k - 1)
//     density     the quantiles (i + ½) / k
//     k-means++   each drawn with probability ∝ (distance to the nearest that is drawn)²
//
// Then Lloyd's steps on sorted numbers: borders halfway between levels, levels the means between borders.

import type { Rng } from "../base/rng.ts";

export const starts = ["linear", "density", "k-means++"] as const;
export type Start = (typeof starts)[number];

const mostSteps = 100;

/** Up to `k` levels of finite numbers, in rising order; no more distinct numbers than that are the levels themselves. */
export function levelsFrom(values: Float32Array, k: number, start: Start, rng: Rng): Float32Array {
  const sorted = values.slice().sort();
  const distinct = sorted.filter((w, i) => i === 0 || w !== sorted[i - 1]);
  if (distinct.length <= k) return distinct;
  const sums = new Float64Array(sorted.length + 1);
  for (let i = 0; i < sorted.length; i++) sums[i + 1] = sums[i]! + sorted[i]!;
  let levels = startOf(sorted, k, start, rng);
  for (let step = 0; step < mostSteps; step++) {
    const borders = bordersOf(sorted, levels);
    const next = levels.map((level, i) => {
      const [from, to] = [borders[i]!, borders[i + 1]!];
      return to > from ? (sums[to]! - sums[from]!) / (to - from) : level;
    });
    if (next.every((level, i) => level === levels[i])) break;
    levels = next;
  }
  const borders = bordersOf(sorted, levels);
  const kept = levels.filter((_, i) => borders[i + 1]! > borders[i]!);
  return Float32Array.from(new Set(kept.map(Math.fround)));
}

/** The level nearest to each number; of two as near the lower. */
export function nearest(values: Float32Array, levels: Float32Array): Float32Array {
  const middles = Array.from({ length: levels.length - 1 }, (_, i) => (levels[i]! + levels[i + 1]!) / 2);
  return values.map((w) => levels[count(middles, (middle) => middle < w)]!);
}

function startOf(sorted: Float32Array, k: number, start: Start, rng: Rng): number[] {
  const [min, max] = [sorted[0]!, sorted.at(-1)!];
  const each = Array.from({ length: k }, (_, i) => i);
  if (start === "linear") return each.map((i) => min + (i * (max - min)) / Math.max(1, k - 1));
  if (start === "density") return each.map((i) => sorted[Math.floor(((i + 0.5) / k) * sorted.length)]!);
  const drawn = [sorted[rng.below(sorted.length)]!];
  const apart = Float64Array.from(sorted, (w) => (w - drawn[0]!) ** 2);
  while (drawn.length < k) {
    const at = rng.uniform();
    const upTo = new Float64Array(apart.length);
    apart.reduce((sum, d, i) => {
      upTo[i] = sum + d;
      return upTo[i]!;
    }, 0);
    const all = upTo.at(-1)!;
    if (!(all > 0)) break;
    const level =
      sorted[
        Math.min(
          sorted.length - 1,
          count(upTo, (sum) => sum <= at * all),
        )
      ]!;
    drawn.push(level);
    for (let i = 0; i < apart.length; i++) apart[i] = Math.min(apart[i]!, (sorted[i]! - level) ** 2);
  }
  return drawn.sort((a, b) => a - b);
}

/** The first place of each level, and the end. */
function bordersOf(sorted: Float32Array, levels: readonly number[]): number[] {
  const middles = levels.slice(1).map((level, i) => (level + levels[i]!) / 2);
  return [0, ...middles.map((middle) => count(sorted, (x) => x <= middle)), sorted.length];
}

/** How many of rising numbers satisfy what the first of them do. */
function count(rising: ArrayLike<number>, holds: (x: number) => boolean): number {
  let [low, high] = [0, rising.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(rising[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
