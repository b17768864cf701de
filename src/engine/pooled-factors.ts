// Item factors that score for a pooled history and learn by row-wise Adagrad (one accumulator a row, as in DLRM),
// one user at a time: enter(history) · score/apply · leave().

import type { Interactions } from "../data/interactions.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { type Pool, poolScale } from "../recommender/recommender.ts";
import { typicalBest } from "./guide.ts";
import type { LinearStart } from "./linear-start.ts";
import { tieRoles } from "./tie-roles.ts";

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
  const { input, output, gain } = tied
    ? await tieRoles(kernels, start, items, d)
    : { ...start, gain: new Float32Array(items).fill(1) };
  rescale(input, output, gain, train, d, pool);
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

/** Scales both roles by one factor so that the average user's best score is `typicalBest`. */
function rescale(
  input: Float32Array,
  output: Float32Array,
  gain: Float32Array,
  train: Interactions,
  d: number,
  pool: Pool,
): void {
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
      best = Math.max(best, sum * gain[j]!);
    }
    total += best;
    counted++;
  }
  const factor = total > 0 ? Math.sqrt((typicalBest * counted) / total) : 1;
  for (let i = 0; i < output.length; i++) output[i]! *= factor;
  if (input !== output) for (let i = 0; i < input.length; i++) input[i]! *= factor;
}
