// k-means (Lloyd) with a k-means++ start (Arthur & Vassilvitskii, SODA 2007), deterministic for a seed at any number
// of threads: points are assigned in parallel, sums are taken in one order.

import { checkLength, parts } from "./check.ts";
import { type Kernels, ranges } from "./kernels.ts";
import { checkState } from "./random-state.ts";

/** Plain arrays outside kernel memory. */
export interface Clusters {
  /** clusters × d. */
  readonly centroids: Float32Array;
  /** The nearest centroid of each point, the lowest on ties. */
  readonly assignment: Int32Array;
  /** Σ squared distances to the nearest centroid. */
  readonly inertia: number;
}

/**
 * Clusters points (n × d, finite, in kernel memory). Stops after `iterations` or when nothing moves; an empty cluster
 * takes the farthest point. `state` is four random words, moved on.
 */
export async function kmeans(
  k: Kernels,
  points: Float32Array,
  n: number,
  d: number,
  { clusters, iterations, state }: { clusters: number; iterations: number; state: Uint32Array },
): Promise<Clusters> {
  checkLength("points", points, n * d);
  checkState(state);
  if (!(clusters >= 1 && clusters <= n)) throw new RangeError(`clusters must be 1 to ${n}, got ${clusters}`);
  const padded = Math.ceil(clusters / 16) * 16;
  const scope = k.scope();
  try {
    const centroids = scope.f32(clusters * d);
    const [packed, halves] = [scope.f32(padded * d), scope.f32(padded)];
    const [assignment, distance] = [scope.i32(n), scope.f32(n)];
    const [sums, counts] = [scope.f64(clusters * d), scope.i32(clusters)];
    const spans = ranges(n, parts(k));
    const assign = async () => {
      packCentroids(centroids, clusters, d, packed, halves);
      await k.parallel(
        "kmeansAssign",
        spans.map(([start, end]) => [
          ...[points.byteOffset, start, end, d, packed.byteOffset, halves.byteOffset, padded],
          ...[centroids.byteOffset, assignment.byteOffset, distance.byteOffset],
        ]),
      );
    };
    await plusPlus(k, points, n, d, clusters, state, centroids, distance);
    await assign();
    for (let iteration = 0; iteration < iterations; iteration++) {
      sums.fill(0);
      counts.fill(0);
      k.exports["kmeansSums"]!(...[points.byteOffset, n, d, assignment.byteOffset, sums.byteOffset, counts.byteOffset]);
      const before = centroids.slice();
      for (let c = 0; c < clusters; c++) {
        if (counts[c]! > 0) for (let j = c * d; j < (c + 1) * d; j++) centroids[j] = sums[j]! / counts[c]!;
        else takeFarthest(points, d, distance, centroids, c);
      }
      if (centroids.every((x, j) => x === before[j])) break;
      await assign();
    }
    const inertia = k.exports["sumF32"]!(distance.byteOffset, n);
    return { centroids: centroids.slice(), assignment: assignment.slice(), inertia };
  } finally {
    scope.free();
  }
}

/** The nearest of `clusters` centroids (in kernel memory) of each point, the lowest on ties, into `assignment` (int32). */
export async function assignNearest(
  k: Kernels,
  points: Float32Array,
  n: number,
  d: number,
  centroids: Float32Array,
  assignment: Int32Array,
): Promise<void> {
  const clusters = centroids.length / d;
  checkLength("points", points, n * d);
  checkLength("centroids", centroids, clusters * d);
  checkLength("assignment", assignment, n);
  const padded = Math.ceil(clusters / 16) * 16;
  const scope = k.scope();
  try {
    const [packed, halves, distance] = [scope.f32(padded * d), scope.f32(padded), scope.f32(n)];
    packCentroids(centroids, clusters, d, packed, halves);
    await k.parallel(
      "kmeansAssign",
      ranges(n, parts(k)).map(([start, end]) => [
        ...[points.byteOffset, start, end, d, packed.byteOffset, halves.byteOffset, padded],
        ...[centroids.byteOffset, assignment.byteOffset, distance.byteOffset],
      ]),
    );
  } finally {
    scope.free();
  }
}

/** Draws each centroid with probability proportional to the squared distance from those before it. */
async function plusPlus(
  k: Kernels,
  points: Float32Array,
  n: number,
  d: number,
  clusters: number,
  state: Uint32Array,
  centroids: Float32Array,
  distance: Float32Array,
): Promise<void> {
  const spans = ranges(n, parts(k));
  distance.fill(Number.POSITIVE_INFINITY);
  let chosen = Math.floor(uniform(state) * n);
  for (let c = 0; ; c++) {
    centroids.set(points.subarray(chosen * d, (chosen + 1) * d), c * d);
    if (c === clusters - 1) return;
    const at = centroids.byteOffset + 4 * c * d;
    await k.parallel(
      "kmeansNearer",
      spans.map(([start, end]) => [points.byteOffset, start, end, d, at, distance.byteOffset]),
    );
    const total = k.exports["sumF32"]!(distance.byteOffset, n);
    if (!Number.isFinite(total)) throw new RangeError("points must be finite numbers");
    chosen = k.exports["pickF32"]!(distance.byteOffset, n, uniform(state) * total);
  }
}

/** Blocks [clusters/16][d][16] and ½‖c‖², +∞ for the clusters that pad the last block. */
function packCentroids(
  centroids: Float32Array,
  clusters: number,
  d: number,
  packed: Float32Array,
  halves: Float32Array,
): void {
  halves.fill(Number.POSITIVE_INFINITY);
  for (let c = 0; c < clusters; c++) {
    let norm = 0;
    for (let j = 0; j < d; j++) {
      const x = centroids[c * d + j]!;
      norm += x * x;
      packed[(c >> 4) * d * 16 + j * 16 + (c & 15)] = x;
    }
    halves[c] = norm / 2;
  }
}

function takeFarthest(
  points: Float32Array,
  d: number,
  distance: Float32Array,
  centroids: Float32Array,
  c: number,
): void {
  let far = 0;
  for (let i = 1; i < distance.length; i++) if (distance[i]! > distance[far]!) far = i;
  if (distance[far] === 0) return;
  centroids.set(points.subarray(far * d, (far + 1) * d), c * d);
  distance[far] = 0;
}

/** Uniform in [0, 1) with 32 bits: one step of xoshiro128** (arXiv 1805.01407) on `state`. */
function uniform(state: Uint32Array): number {
  const m = Math.imul(state[1]!, 5);
  const result = Math.imul((m << 7) | (m >>> 25), 9) >>> 0;
  const t = state[1]! << 9;
  state[2]! ^= state[0]!;
  state[3]! ^= state[1]!;
  state[1]! ^= state[2]!;
  state[0]! ^= state[3]!;
  state[2]! ^= t;
  state[3] = (state[3]! << 11) | (state[3]! >>> 21);
  return result / 2 ** 32;
}
