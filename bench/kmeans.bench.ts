// k-means of 40,000 × 64 with 256 clusters, and of 10 million numbers with 256 clusters, on all threads.

import { bench } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { kmeans } from "../src/kernels/kmeans.ts";
import { kmeans1d } from "../src/kernels/kmeans1d.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const [N, D, CLUSTERS, ITERATIONS] = [40_000, 64, 256, 10];
const VALUES = 10_000_000;

const k = await openKernels();
const s = k.scope();
const rng = createRng("kmeans bench");
const points = s.f32(N * D);
points.forEach((_, i) => {
  points[i] = rng.uniform() + rng.uniform();
});
const values = s.f32(VALUES);
values.forEach((_, i) => {
  values[i] = rng.uniform() + rng.uniform() + rng.uniform();
});

bench("kmeans", async () => {
  const state = Uint32Array.of(1, 2, 3, 4);
  await kmeans(k, points, N, D, { clusters: CLUSTERS, iterations: ITERATIONS, state });
});
bench("kmeans1d", async () => {
  await kmeans1d(k, values, VALUES, { clusters: CLUSTERS, iterations: 50 });
});

export default (medianNs: Readonly<Record<string, number>>): Figures => ({
  [`kmeans ${N} × ${D}, ${CLUSTERS} clusters, start and ${ITERATIONS} steps, ms`]: medianNs["kmeans"]! / 1e6,
  [`kmeans1d ${VALUES} numbers, ${CLUSTERS} clusters, ms`]: medianNs["kmeans1d"]! / 1e6,
});
