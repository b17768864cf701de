// Rows of items that a student which pools histories can start from, turned at random so that all dimensions weigh alike:
//
//     teacher      P_j = R e_j, e_j the teacher's row of the item: pooled, those find a user's next item as well as
//                  the teacher's own users do. R has orthonormal columns, or with more dimensions than e orthonormal rows
//     signatures   P = D_i^-½ Xᵀ D_u^-½ G, G random: an item is the sum of its takers, and products of rows are, up to noise,
//                  what two items have in common (GF-CF, arXiv 2108.07567, by random projection)

import type { Rng } from "../../base/rng.ts";
import { type Interactions, rowOf, takenCounts } from "../../data/interactions.ts";
import { gemmNN, gemmNT } from "../../kernels/gemm.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import { type Pool, poolScale, type Recommender } from "../../recommender/recommender.ts";
import { typicalBest } from "../guide.ts";
import { randomRotation } from "../rotations.ts";
import { interactionProducts } from "../spectral.ts";
import { teacherVectors } from "./teacher-vectors.ts";

export const pooledStarts = ["teacher", "signatures"] as const;

export interface PooledStart {
  readonly from: (typeof pooledStarts)[number];
  readonly d: number;
  readonly pool: Pool;
  readonly rng: Rng;
}

/** Users whose best scores tell how large scores are. */
const asked = 100;

/** Items × d, rows of one mean size, and all times one factor for which users' best scores are typical. */
export async function pooledStart(
  kernels: Kernels,
  train: Interactions,
  teacher: Recommender | undefined,
  { from, d, pool, rng }: PooledStart,
): Promise<Float32Array> {
  const rows =
    from === "teacher" ? await turned(kernels, train, teacher, d, rng) : await signatures(kernels, train, d, rng);
  // In few bits a row's scale is its mean size, which differs by chance: 7 % at 64 dimensions would decide who is first.
  for (let j = 0; j < train.items; j++) {
    const row = rows.subarray(j * d, (j + 1) * d);
    const size = row.reduce((sum, x) => sum + Math.abs(x), 0) / d;
    for (let x = 0; x < d; x++) row[x] = size > 0 ? row[x]! / size : 0;
  }
  const factor = Math.sqrt(typicalBest / (await meanBest(kernels, rows, train, d, pool)));
  return Number.isFinite(factor) ? rows.map((x) => x * factor) : rows;
}

async function turned(
  kernels: Kernels,
  train: Interactions,
  teacher: Recommender | undefined,
  d: number,
  rng: Rng,
): Promise<Float32Array> {
  const { width, item } = teacherVectors(teacher, train, (why) => {
    return `start: teacher takes the teacher's rows of items, and the teacher ${why}; use start: signatures.`;
  });
  const scope = kernels.scope();
  try {
    const most = Math.max(width, d);
    const rotation = randomRotation(most, rng);
    const [turn, out] = [scope.f32(width * d), scope.f32(train.items * d)];
    for (let i = 0; i < width; i++) turn.set(rotation.subarray(i * most, i * most + d), i * d);
    await gemmNN(kernels, scope.copy(item), turn, train.items, width, d, out);
    return out.slice();
  } finally {
    scope.free();
  }
}

async function signatures(kernels: Kernels, train: Interactions, d: number, rng: Rng): Promise<Float32Array> {
  const { users, items } = train;
  const scope = kernels.scope();
  try {
    const [random, sums] = [scope.f32(users * d), scope.f32(items * d)];
    for (let u = 0; u < users; u++) {
      const size = 1 / Math.sqrt(Math.max(1, rowOf(train, u).length));
      for (let x = 0; x < d; x++) random[u * d + x] = size * rng.normal();
    }
    await interactionProducts(kernels, scope, train).byT(random, d, sums);
    const taken = takenCounts(train);
    return sums.map((x, i) => x / Math.sqrt(Math.max(1, taken[Math.floor(i / d)]!)));
  } finally {
    scope.free();
  }
}

/** The best score of a user, on average over some that are spread over all. */
async function meanBest(
  kernels: Kernels,
  rows: Float32Array,
  train: Interactions,
  d: number,
  pool: Pool,
): Promise<number> {
  const scope = kernels.scope();
  try {
    const count = Math.min(train.users, asked);
    const [queries, scores] = [scope.f32(count * d), scope.f32(count * train.items)];
    for (let a = 0; a < count; a++) {
      const history = rowOf(train, Math.floor((a * train.users) / count));
      const scale = poolScale(pool, history.length);
      for (const h of history) for (let x = 0; x < d; x++) queries[a * d + x]! += scale * rows[h * d + x]!;
    }
    await gemmNT(kernels, queries, scope.copy(rows), count, train.items, d, scores);
    let total = 0;
    for (let a = 0; a < count; a++) {
      total += scores.subarray(a * train.items, (a + 1) * train.items).reduce((best, x) => Math.max(best, x), 0);
    }
    return total / count;
  } finally {
    scope.free();
  }
}
