// Item factors that score for a pooled history and learn by row-wise Adagrad (one accumulator a row, as in DLRM),
// one user at a time: enter(history) · score/apply · leave().

import type { Interactions } from "../data/interactions.ts";
import { symmetricEigen } from "../kernels/eigen.ts";
import { gemmNN, gemmTN } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { type Pool, poolScale } from "../recommender/recommender.ts";
import { typicalBest } from "./guide.ts";
import type { LinearStart } from "./linear-start.ts";

export interface PooledFactors {
  /** items × d; the same array as `output` when tied. */
  readonly input: Float32Array;
  readonly output: Float32Array;
  /** Per-item factor on the score; all 1 unless tied. */
  readonly gain: Float32Array;
  enter(history: Int32Array): void;
  score(items: Int32Array, n: number, out: Float32Array): void;
  /** Steps the items' rows down `grad` (d loss / d score) and remembers the query's gradient. */
  apply(items: Int32Array, n: number, grad: Float32Array): void;
  /** Steps the history's rows by what apply gathered. */
  leave(): void;
}

export async function createPooledFactors(
  kernels: Kernels,
  start: LinearStart,
  train: Interactions,
  { d, tied, pool, learningRate }: { d: number; tied: boolean; pool: Pool; learningRate: number },
): Promise<PooledFactors> {
  const items = train.items;
  const { input, output } = tied ? await tie(kernels, start, items, d) : start;
  rescale(input, output, train, d, pool, tied);
  const gain = new Float32Array(items).fill(1);
  const epsilon = 1e-10;
  const sums = { input: new Float32Array(items), output: new Float32Array(items), gain: new Float32Array(items) };
  if (tied) sums.input = sums.output;
  const query = new Float32Array(d);
  const queryGrad = new Float32Array(d);
  let entered: Int32Array = new Int32Array(0);
  return {
    ...{ input, output, gain },
    enter(history) {
      entered = history;
      query.fill(0);
      queryGrad.fill(0);
      const scale = poolScale(pool, history.length);
      for (const h of history) for (let x = 0; x < d; x++) query[x]! += scale * input[h * d + x]!;
    },
    score(ids, n, out) {
      for (let c = 0; c < n; c++) {
        const at = ids[c]! * d;
        let sum = 0;
        for (let x = 0; x < d; x++) sum += query[x]! * output[at + x]!;
        out[c] = sum * gain[ids[c]!]!;
      }
    },
    apply(ids, n, grad) {
      let squares = 0;
      for (let x = 0; x < d; x++) squares += query[x]! * query[x]!;
      for (let c = 0; c < n; c++) {
        const j = ids[c]!;
        const at = j * d;
        const g = grad[c]! * gain[j]!;
        sums.output[j]! += (g * g * squares) / d;
        const step = (learningRate * g) / (Math.sqrt(sums.output[j]!) + epsilon);
        let dot = 0;
        for (let x = 0; x < d; x++) {
          const value = output[at + x]!;
          dot += query[x]! * value;
          queryGrad[x]! += g * value;
          output[at + x] = value - step * query[x]!;
        }
        if (!tied) continue;
        const slope = grad[c]! * dot;
        sums.gain[j]! += slope * slope;
        gain[j]! -= (learningRate * slope) / (Math.sqrt(sums.gain[j]!) + epsilon);
      }
    },
    leave() {
      const scale = poolScale(pool, entered.length);
      let squares = 0;
      for (let x = 0; x < d; x++) squares += queryGrad[x]! * queryGrad[x]!;
      const mean = (scale * scale * squares) / d;
      if (mean === 0) return;
      for (const h of entered) {
        sums.input[h]! += mean;
        const step = (learningRate * scale) / (Math.sqrt(sums.input[h]!) + epsilon);
        for (let x = 0; x < d; x++) input[h * d + x]! -= step * queryGrad[x]!;
      }
    },
  };
}

/**
 * One table T for both roles from B ≈ input·outputᵀ with orthonormal output V: M = sym(Vᵀ input) = W Λ Wᵀ,
 * T = V W Λ₊^½, so that T Tᵀ is the positive part of V M Vᵀ.
 */
async function tie(kernels: Kernels, start: LinearStart, items: number, d: number): Promise<LinearStart> {
  const scope = kernels.scope();
  try {
    const [input, output] = [scope.copy(start.input), scope.copy(start.output)];
    const middle = scope.f32(d * d);
    await gemmTN(kernels, output, input, d, items, d, middle);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < i; j++) {
        const mean = (middle[i * d + j]! + middle[j * d + i]!) / 2;
        middle[i * d + j] = mean;
        middle[j * d + i] = mean;
      }
    }
    const { values, vectors } = symmetricEigen(kernels, middle, d);
    const turn = scope.f32(d * d);
    for (let c = 0; c < d; c++) {
      const root = Math.sqrt(Math.max(values[c]!, values[0]! * 1e-3));
      for (let i = 0; i < d; i++) turn[i * d + c] = vectors[c * d + i]! * root;
    }
    const table = scope.f32(items * d);
    await gemmNN(kernels, output, turn, items, d, d, table);
    const shared = table.slice();
    return { input: shared, output: shared };
  } finally {
    scope.free();
  }
}

/** Scales both roles by one factor so that the average user's best score is `typicalBest`. */
function rescale(input: Float32Array, output: Float32Array, train: Interactions, d: number, pool: Pool, tied: boolean) {
  const sampled = Math.min(train.users, 200);
  let total = 0;
  let counted = 0;
  const query = new Float32Array(d);
  for (let s = 0; s < sampled; s++) {
    const user = Math.floor((s * train.users) / sampled);
    const [from, to] = [train.indptr[user]!, train.indptr[user + 1]!];
    if (from === to) continue;
    query.fill(0);
    const scale = poolScale(pool, to - from);
    for (let e = from; e < to; e++) {
      for (let x = 0; x < d; x++) query[x]! += scale * input[train.indices[e]! * d + x]!;
    }
    let best = Number.NEGATIVE_INFINITY;
    for (let j = 0; j < train.items; j++) {
      let sum = 0;
      for (let x = 0; x < d; x++) sum += query[x]! * output[j * d + x]!;
      best = Math.max(best, sum);
    }
    total += best;
    counted++;
  }
  const factor = total > 0 ? Math.sqrt((typicalBest * counted) / total) : 1;
  for (let i = 0; i < output.length; i++) output[i]! *= factor;
  if (!tied) for (let i = 0; i < input.length; i++) input[i]! *= factor;
}
