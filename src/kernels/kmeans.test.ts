import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { openKernels } from "../node/threads.ts";
import type { Kernels } from "./kernels.ts";
import { assignNearest, kmeans } from "./kmeans.ts";
import { kmeans1d } from "./kmeans1d.ts";

let one: Kernels;
let three: Kernels;
beforeAll(async () => {
  one = await openKernels(1);
  three = await openKernels(3);
});
afterAll(() => three.close());

const normals = (n: number, seed: number) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: n }, () => rng.normal());
};
const seeded = () => Uint32Array.of(1, 2, 3, 4);

/** Squared distance of point i from centroid c in float64. */
function distance(points: ArrayLike<number>, centroids: ArrayLike<number>, d: number, i: number, c: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += (points[i * d + j] - centroids[c * d + j]) ** 2;
  return sum;
}

async function within<T>(k: Kernels, points: Float32Array, work: (inside: Float32Array) => Promise<T>): Promise<T> {
  const s = k.scope();
  try {
    return await work(s.copy(points));
  } finally {
    s.free();
  }
}

const shapes = fc.record({
  n: fc.integer({ min: 1, max: 60 }),
  d: fc.integer({ min: 1, max: 19 }),
  clusters: fc.integer({ min: 1, max: 40 }),
  seed: fc.integer(),
});

test("every point has its nearest centroid, every centroid is the mean of its points, any threads the same", async () => {
  await fc.assert(
    fc.asyncProperty(shapes, async ({ n, d, clusters, seed }) => {
      const points = normals(n * d, seed);
      const options = { clusters: Math.min(n, clusters), iterations: 100 };
      const run = (k: Kernels) => within(k, points, (p) => kmeans(k, p, n, d, { ...options, state: seeded() }));
      const found = await run(one);
      expect(await run(three)).toEqual(found);
      const [sums, counts] = [new Float64Array(options.clusters * d), new Int32Array(options.clusters)];
      let inertia = 0;
      found.assignment.forEach((a, i) => {
        const own = distance(points, found.centroids, d, i, a);
        inertia += own;
        counts[a]++;
        for (let j = 0; j < d; j++) sums[a * d + j] += points[i * d + j];
        // ½‖c‖² - x·c in float32 loses up to a few 1e-6 of numbers of size d
        for (let c = 0; c < options.clusters; c++) {
          expect(own).toBeLessThanOrEqual(distance(points, found.centroids, d, i, c) + 1e-5 * d);
        }
      });
      expect(found.inertia).toBeCloseTo(inertia, 3);
      found.centroids.forEach((x, at) => {
        const count = counts[Math.floor(at / d)];
        // Two centroids as near as float32 can tell may swap a point until iterations end.
        if (count > 0) expect(Math.abs(x - sums[at] / count)).toBeLessThan(1e-3 * (1 + Math.abs(x)));
      });
    }),
    { numRuns: 60 },
  );
});

test("finds well separated clusters, and an empty cluster takes the farthest point", async () => {
  const rng = createRng("blobs");
  const points = Float32Array.from({ length: 400 * 3 }, (_, i) => 20 * (Math.floor(i / 3) % 8) + rng.normal());
  const found = await within(one, points, (p) =>
    kmeans(one, p, 400, 3, { clusters: 8, iterations: 30, state: seeded() }),
  );
  for (let i = 8; i < 400; i++) expect(found.assignment[i]).toBe(found.assignment[i % 8]);
  expect(new Set(found.assignment).size).toBe(8);
});

test("repeated points leave spare clusters in peace", async () => {
  const found = await within(one, new Float32Array(30).fill(2), (p) =>
    kmeans(one, p, 10, 3, { clusters: 4, iterations: 5, state: seeded() }),
  );
  expect(found.inertia).toBe(0);
  expect([...found.assignment]).toEqual(Array(10).fill(0));
});

/** The least Σ squared deviations over all cuts of the sorted values into `clusters` runs, by plain recursion. */
function optimum(values: number[], clusters: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  let best = sorted.map((_, b) => cost(0, b + 1));
  function cost(a: number, b: number) {
    const mean = sorted.slice(a, b).reduce((x, y) => x + y, 0) / (b - a);
    return sorted.slice(a, b).reduce((x, y) => x + (y - mean) ** 2, 0);
  }
  for (let run = 1; run < clusters; run++) {
    best = sorted.map((_, b) => {
      let least = best[b];
      for (let a = 1; a <= b; a++) least = Math.min(least, best[a - 1] + cost(a, b + 1));
      return least;
    });
  }
  return best.at(-1)!;
}

test("kmeans1d reaches the optimum and assigns each value to its nearest centroid", async () => {
  const value = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ min: -9, max: 9, noNaN: true })).map(Math.fround);
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 25 }), fc.nat(7), async (values, more) => {
      const clusters = Math.min(values.length, more + 1);
      const found = await within(one, Float32Array.from(values), (p) =>
        kmeans1d(one, p, values.length, { clusters, iterations: 20 }),
      );
      expect(found.inertia).toBeCloseTo(optimum(values, clusters), 4);
      expect(found.centroids.length).toBeLessThanOrEqual(clusters);
      values.forEach((x, i) => {
        const gaps = Array.from(found.centroids, (c) => Math.abs(c - x));
        expect(gaps[found.assignment[i]]).toBe(Math.min(...gaps));
      });
    }),
    { numRuns: 200 },
  );
});

test("kmeans1d on many values: ascending means, nearest centroids, any threads the same", async () => {
  const n = 30_001;
  const values = normals(n, 7).map((x, i) => (i % 3 === 0 ? 0 : x));
  const run = (k: Kernels) => within(k, values, (p) => kmeans1d(k, p, n, { clusters: 64, iterations: 200 }));
  const found = await run(one);
  expect(await run(three)).toEqual(found);
  const { centroids, assignment } = found;
  const [sums, counts] = [new Float64Array(64), new Int32Array(64)];
  values.forEach((x, i) => {
    const a = assignment[i];
    sums[a] += x;
    counts[a]++;
    for (const c of [a - 1, a + 1]) {
      if (c >= 0 && c < 64) expect(Math.abs(centroids[a] - x)).toBeLessThanOrEqual(Math.abs(centroids[c] - x));
    }
  });
  for (let c = 0; c < 64; c++) expect(Math.abs(centroids[c] - sums[c] / counts[c])).toBeLessThan(1e-6);
  // a normal density cut in 63 parts (Panter-Dite: 2.72/63² a value) over two thirds of the values
  expect(found.inertia / n).toBeLessThan(((2 / 3) * 2.9) / 63 ** 2);
});

test("assignNearest gives any points what k-means gave its own", async () => {
  const points = normals(3 * 500, 9);
  const options = { clusters: 20, iterations: 50, state: seeded() };
  const found = await within(one, points, (p) => kmeans(one, p, 500, 3, options));
  for (const k of [one, three]) {
    const nearest = await within(k, points, async (p) => {
      const scope = k.scope();
      const assignment = scope.i32(500);
      await assignNearest(k, p, 500, 3, scope.copy(found.centroids), assignment);
      const kept = assignment.slice();
      scope.free();
      return kept;
    });
    expect(nearest).toEqual(found.assignment);
  }
});

test("of centroids that are equally near the lowest is taken, wherever in a block they lie", async () => {
  const [n, d, clusters] = [301, 3, 70];
  const rng = createRng("ties");
  const whole = (count: number) => Float32Array.from({ length: count }, () => rng.below(3));
  const [points, centroids] = [whole(n * d), whole(clusters * d)];
  const scope = one.scope();
  const assignment = scope.i32(n);
  await assignNearest(one, scope.copy(points), n, d, scope.copy(centroids), assignment);
  const apart = (i: number, c: number) =>
    Array.from({ length: d }, (_, x) => (points[i * d + x]! - centroids[c * d + x]!) ** 2).reduce((a, b) => a + b);
  for (let i = 0; i < n; i++) {
    const all = Array.from({ length: clusters }, (_, c) => apart(i, c));
    expect(assignment[i]).toBe(all.indexOf(Math.min(...all)));
  }
  scope.free();
});

test("points that are not finite, too many clusters and a dead state are refused", async () => {
  const bad = Float32Array.of(1, Number.NaN, 3);
  const options = { clusters: 2, iterations: 3 };
  await expect(within(one, bad, (p) => kmeans1d(one, p, 3, options))).rejects.toThrow("values must be finite");
  await expect(within(one, bad, (p) => kmeans(one, p, 3, 1, { ...options, state: seeded() }))).rejects.toThrow(
    "points must be finite",
  );
  await expect(
    within(one, bad, (p) => kmeans(one, p, 3, 1, { clusters: 4, iterations: 1, state: seeded() })),
  ).rejects.toThrow("clusters must be 1 to 3, got 4");
  await expect(
    within(one, bad, (p) => kmeans(one, p, 3, 1, { ...options, state: new Uint32Array(4) })),
  ).rejects.toThrow("state must not be all zero");
});
