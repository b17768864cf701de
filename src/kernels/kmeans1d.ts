// k-means of single numbers: sort once, cut optimally at up to 4,096 places (so up to 4,096 distinct values the
// result is the optimum), then Lloyd steps on all values, each a binary search per centroid.

import { checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";
import type { Clusters } from "./kmeans.ts";
import { optimalCuts } from "./optimal-cuts.ts";

const PLACES = 4096;

/**
 * Clusters n finite numbers in kernel memory; centroids ascend and are at most `clusters`, fewer where there are fewer
 * distinct values. `iterations` bounds the Lloyd steps. No randomness; the same bits for any number of threads.
 */
export async function kmeans1d(
  k: Kernels,
  values: Float32Array,
  n: number,
  { clusters, iterations }: { clusters: number; iterations: number },
): Promise<Clusters> {
  checkLength("values", values, n);
  if (!(clusters >= 1 && clusters <= n)) throw new RangeError(`clusters must be 1 to ${n}, got ${clusters}`);
  const scope = k.scope();
  try {
    const sorted = scope.f32(n);
    const keys = scope.copy(values);
    k.exports["sortF32"]!(keys.byteOffset, sorted.byteOffset, n, scope.u32(3 * 2048).byteOffset);
    if (!Number.isFinite(sorted[0]!) || !Number.isFinite(sorted[n - 1]!)) {
      throw new RangeError("values must be finite numbers");
    }
    const [sums, squares] = [scope.f64(n + 1), scope.f64(n + 1)];
    const centre = sorted[n >> 1]!;
    k.exports["prefixSums"]!(sorted.byteOffset, n, centre, sums.byteOffset, squares.byteOffset);
    const edges = cutPlaces(sorted, n);
    let bounds = Array.from(optimalCuts(sums, squares, edges, Math.min(clusters, edges.length - 1)), (p) => edges[p]!);
    let centroids = means(bounds, sums, centre);
    let thresholds = middles(centroids);
    for (let iteration = 0; iteration < iterations; iteration++) {
      const moved = [0, ...Array.from(thresholds, (t) => upperBound(sorted, t)), n];
      if (moved.every((b, i) => b === bounds[i]) || moved.some((b, i) => i > 0 && b === moved[i - 1])) break;
      bounds = moved;
      centroids = means(bounds, sums, centre);
      thresholds = middles(centroids);
    }
    const assignment = scope.i32(n);
    const at = scope.copy(thresholds).byteOffset;
    await k.parallel(
      "assignByThresholds",
      ranges(n, parts(k)).map(([start, end]) => [
        ...[values.byteOffset, start, end, at, thresholds.length, assignment.byteOffset],
      ]),
    );
    const final = [0, ...Array.from(thresholds, (t) => upperBound(sorted, t)), n];
    return { centroids, assignment: assignment.slice(), inertia: inertia(final, centroids, sums, squares, centre) };
  } finally {
    scope.free();
  }
}

/** Places between distinct values: all of them, or those around the quantiles where there are more than PLACES. */
function cutPlaces(sorted: Float32Array, n: number): Int32Array {
  const all: number[] = [0];
  for (let i = 1; i < n && all.length <= PLACES; i++) if (sorted[i] !== sorted[i - 1]) all.push(i);
  if (all.length <= PLACES) return Int32Array.from([...all, n]);
  const chosen: number[] = [0];
  for (let p = 1; p < PLACES / 2; p++) {
    const value = sorted[Math.floor((2 * p * n) / PLACES)]!;
    for (const place of [lowerBound(sorted, value), upperBound(sorted, value)]) {
      if (place > chosen.at(-1)! && place < n) chosen.push(place);
    }
  }
  return Int32Array.from([...chosen, n]);
}

function means(bounds: readonly number[], sums: Float64Array, centre: number): Float32Array {
  return Float32Array.from(bounds.slice(1), (end, c) => centre + (sums[end]! - sums[bounds[c]!]!) / (end - bounds[c]!));
}

/** The largest float32 not above the middle of two neighbours: x lies above the middle exactly when x > threshold. */
function middles(centroids: Float32Array): Float32Array {
  const thresholds = new Float32Array(centroids.length - 1);
  const bits = new Int32Array(thresholds.buffer);
  for (let c = 0; c + 1 < centroids.length; c++) {
    const middle = (centroids[c]! + centroids[c + 1]!) / 2;
    thresholds[c] = middle;
    if (thresholds[c]! > middle) {
      if (thresholds[c] === 0) thresholds[c] = -1.401298464324817e-45;
      else bits[c]! += thresholds[c]! > 0 ? -1 : 1;
    }
  }
  return thresholds;
}

/** How many of the sorted values are ≤ x. */
function upperBound(sorted: Float32Array, x: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many of the sorted values are < x. */
function lowerBound(sorted: Float32Array, x: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Σ (x - c)² = Σ x'² - 2c'Σx' + m·c'² with x' and c' relative to the centre. */
function inertia(
  bounds: readonly number[],
  centroids: Float32Array,
  sums: Float64Array,
  squares: Float64Array,
  centre: number,
): number {
  let total = 0;
  for (let c = 0; c < centroids.length; c++) {
    const [start, end, offset] = [bounds[c]!, bounds[c + 1]!, centroids[c]! - centre];
    const sum = sums[end]! - sums[start]!;
    total += squares[end]! - squares[start]! - 2 * offset * sum + (end - start) * offset * offset;
  }
  return Math.max(0, total);
}
