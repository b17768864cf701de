import { expect, test } from "vitest";
import { createRng } from "../base/rng.ts";
import { toInteractions } from "../data/interactions.ts";
import { openSharedKernels } from "../kernels/open-shared.ts";
import { createPropagation } from "./propagation.ts";

const [users, items, d] = [7, 5, 4];
const nodes = users + items;

function randomTrain(seed: number) {
  const rng = createRng(seed);
  const pairs = Array.from({ length: 20 }, () => [rng.below(users), rng.below(items)] as const);
  return toInteractions({
    users: Array.from({ length: users }, (_, u) => `${u}`),
    items: Array.from({ length: items }, (_, i) => `${i}`),
    user: Int32Array.from(pairs, ([u]) => u),
    item: Int32Array.from(pairs, ([, i]) => i),
    value: new Float32Array(pairs.length).fill(1),
  });
}

/** 1/(L+1) Σ Â^l X by dense matrices. */
function dense(train: ReturnType<typeof randomTrain>, x: Float32Array, layers: number): Float64Array {
  const adjacency = Array.from({ length: nodes }, () => new Float64Array(nodes));
  for (let u = 0; u < users; u++) {
    for (let e = train.indptr[u]; e < train.indptr[u + 1]; e++) {
      adjacency[u][users + train.indices[e]] = adjacency[users + train.indices[e]][u] = 1;
    }
  }
  const degree = adjacency.map((row) => row.reduce((a, b) => a + b, 0));
  let power = Float64Array.from(x);
  const sum = Float64Array.from(x);
  for (let l = 0; l < layers; l++) {
    const next = new Float64Array(nodes * d);
    for (let a = 0; a < nodes; a++) {
      for (let b = 0; b < nodes; b++) {
        if (!adjacency[a][b]) continue;
        for (let c = 0; c < d; c++) next[a * d + c] += power[b * d + c] / Math.sqrt(degree[a] * degree[b]);
      }
    }
    power = next;
    for (let i = 0; i < sum.length; i++) sum[i] += next[i];
  }
  return sum.map((value) => value / (layers + 1));
}

test.each([0, 1, 2, 3])(
  "%d layers: the mean of the powers, in full and at some rows; backward transposes",
  async (layers) => {
    const kernels = await openSharedKernels();
    for (const seed of [1, 2, 3]) {
      const train = randomTrain(seed);
      const scope = kernels.scope();
      const graph = createPropagation(kernels, scope, train, d, layers);
      const rng = createRng(seed);
      const x = scope.copy(Float32Array.from({ length: nodes * d }, () => rng.normal()));
      const out = scope.f32(nodes * d);
      const expected = dense(train, x, layers);
      await graph.all(x, out);
      for (let i = 0; i < out.length; i++) expect(out[i]).toBeCloseTo(expected[i], 5);
      const rows = scope.copy(Int32Array.from([8, 1, 11]));
      const few = scope.f32(rows.length * d);
      await graph.forward(x, rows, few);
      for (const [t, r] of rows.entries()) {
        for (let c = 0; c < d; c++) expect(few[t * d + c]).toBeCloseTo(expected[r * d + c], 5);
      }
      const slots = scope.i32(nodes).fill(-1);
      const gradient = new Float32Array(nodes * d);
      for (const [t, r] of rows.entries()) {
        slots[r] = t;
        for (let c = 0; c < d; c++) gradient[r * d + c] = few[t * d + c] = rng.normal();
      }
      await graph.backward({ rows: few, slots }, out);
      const expectedBack = dense(train, gradient, layers);
      for (let i = 0; i < out.length; i++) expect(out[i]).toBeCloseTo(expectedBack[i], 5);
      scope.free();
    }
  },
);
