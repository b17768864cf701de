// From which to which number a value of a graph is kept in 8 bits: what calibration finds in batches that stream by, in
// two passes and the memory of a histogram.
//
//     minmax           the least and the largest number seen
//     moving-average   m ← (1 - a) m + a · the batch's least (largest)
//     percentile       the numbers that leave out (100 - p) % half and half
//     entropy          |x| up to the T with the least KL(P ‖ Q), P the histogram up to T, what lies beyond in its last
//                      bin, Q the same in 128 levels (Migacz, GTC 2017, 8-bit inference with TensorRT)
//     mse              lo, hi with the least Σ (x - clip x)² + n step² / 12

export type RangeMethod = "minmax" | "moving-average" | "percentile" | "entropy" | "mse";

export interface RangeOptions {
  readonly method: RangeMethod;
  /** Of numbers that stay within, in percent. */
  readonly percentile: number;
  /** Weight of the newest batch in a moving average. */
  readonly averaging: number;
}

export type Range = readonly [lo: number, hi: number];

const bins = 2048;
/** Levels of |x| that the entropy method compares with, and its bins: fewer, for it takes empty ones for a message. */
const [levels, foldedBins] = [128, 512];

export interface RangeFinder {
  /** First pass. */
  see(data: Float32Array): void;
  /** Second pass; without one only minmax and moving-average are known. */
  count(data: Float32Array): void;
  /** It holds 0, which must be kept exactly. */
  range(): Range;
}

/** Whether a method counts in a second pass. */
export const counts = (method: RangeMethod): boolean => method !== "minmax" && method !== "moving-average";

export function rangeFinder({ method, percentile, averaging }: RangeOptions): RangeFinder {
  let [lo, hi] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let average: [number, number] | undefined;
  const histogram = new Float64Array(bins);
  return {
    see(data) {
      let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (const x of data) {
        if (x < least) least = x;
        if (x > most) most = x;
      }
      if (least > most) return;
      [lo, hi] = [Math.min(lo, least), Math.max(hi, most)];
      average = average && [
        average[0] + averaging * (least - average[0]),
        average[1] + averaging * (most - average[1]),
      ];
      average ??= [least, most];
    },
    count(data) {
      const scale = hi > lo ? bins / (hi - lo) : 0;
      for (const x of data) histogram[Math.min(bins - 1, Math.floor((x - lo) * scale))]!++;
    },
    range() {
      if (lo > hi) return [0, 0];
      const found = method === "moving-average" ? average! : method === "minmax" ? [lo, hi] : clipped();
      return [Math.min(0, found[0]!), Math.max(0, found[1]!)];
    },
  };

  function clipped(): Range {
    if (!(hi > lo)) return [lo, hi];
    if (method === "percentile") return byPercentile(histogram, [lo, hi], percentile);
    return method === "entropy" ? byEntropy(histogram, [lo, hi]) : byError(histogram, [lo, hi]);
  }
}

function byPercentile(histogram: Float64Array, [lo, hi]: Range, percentile: number): Range {
  const total = histogram.reduce((a, b) => a + b, 0);
  const out = (total * (1 - percentile / 100)) / 2;
  const width = (hi - lo) / bins;
  let [first, last] = [0, bins - 1];
  for (let left = out; first < last && left >= histogram[first]!; first++) left -= histogram[first]!;
  for (let left = out; last > first && left >= histogram[last]!; last--) left -= histogram[last]!;
  return [lo + first * width, lo + (last + 1) * width];
}

function byEntropy(histogram: Float64Array, [lo, hi]: Range): Range {
  const most = Math.max(Math.abs(lo), Math.abs(hi));
  const folded = new Float64Array(foldedBins);
  for (const [b, n] of histogram.entries()) {
    const centre = Math.abs(lo + ((b + 0.5) * (hi - lo)) / bins);
    folded[Math.min(foldedBins - 1, Math.floor((centre / most) * foldedBins))]! += n;
  }
  const total = folded.reduce((a, b) => a + b, 0);
  let [best, at, within] = [Number.POSITIVE_INFINITY, foldedBins, 0];
  for (let i = 0; i < levels; i++) within += folded[i]!;
  for (let upTo = levels; upTo <= foldedBins; upTo += 4) {
    const apart = divergence(folded, upTo, total - within);
    if (apart < best) [best, at] = [apart, upTo];
    for (let i = upTo; i < Math.min(foldedBins, upTo + 4); i++) within += folded[i]!;
  }
  const bound = (most * at) / foldedBins;
  return [Math.max(lo, -bound), Math.min(hi, bound)];
}

/** KL(P ‖ Q) of the first `upTo` bins against their `levels` levels. */
function divergence(histogram: Float64Array, upTo: number, beyond: number): number {
  let [sum, total, kept] = [0, 0, 0];
  const q = new Float64Array(upTo);
  for (let level = 0; level < levels; level++) {
    const [from, to] = [Math.floor((level * upTo) / levels), Math.floor(((level + 1) * upTo) / levels)];
    let [mass, filled] = [0, 0];
    for (let i = from; i < to; i++) {
      mass += histogram[i]!;
      if (histogram[i]! > 0) filled++;
    }
    for (let i = from; i < to; i++) q[i] = histogram[i]! > 0 ? mass / filled : 0;
    kept += mass;
  }
  total = kept + beyond;
  for (let i = 0; i < upTo; i++) {
    const p = (histogram[i]! + (i === upTo - 1 ? beyond : 0)) / total;
    if (p > 0) sum += p * Math.log(p / Math.max(q[i]! / Math.max(kept, 1), 1e-9));
  }
  return sum;
}

function byError(histogram: Float64Array, [lo, hi]: Range): Range {
  const width = (hi - lo) / bins;
  const error = ([from, to]: Range): number => {
    let sum = 0;
    const noise = ((to - from) / 255) ** 2 / 12;
    for (let b = 0; b < bins; b++) {
      const x = lo + (b + 0.5) * width;
      const out = x < from ? from - x : x > to ? x - to : 0;
      sum += histogram[b]! * (out > 0 ? out * out : noise);
    }
    return sum;
  };
  let best: Range = [lo, hi];
  const steps = 128;
  for (let round = 0; round < 2; round++) {
    for (const end of [1, 0] as const) {
      const candidates = Array.from({ length: steps }, (_, s): Range => {
        const share = (s + 1) / steps;
        return end === 1 ? [best[0], hi * share] : [lo * share, best[1]];
      }).filter(([a, b]) => b > a);
      for (const candidate of candidates) if (error(candidate) < error(best)) best = candidate;
    }
  }
  return best;
}
