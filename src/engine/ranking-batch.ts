// One batch of a ranking loss over embedding rows: gathers, scores, and adds d loss / d row into a gradient table.

import { gemmNN, gemmNT, gemmTN } from "../kernels/gemm.ts";
import type { Kernels } from "../kernels/kernels.ts";
import { gather, scatterAdd } from "../kernels/rows.ts";
import { l2NormalizeBackward, l2NormalizeRows, softmaxLossRows } from "../kernels/softmax.ts";

/** Row numbers in one table; in BPR other[t] is the negative of pair t, in softmax all pairs share `other`. */
export interface BatchRows {
  readonly user: Int32Array;
  readonly item: Int32Array;
  readonly other: Int32Array;
}

/** BPR: L = mean_t -log σ(u·i - u·j). Adds its gradient; returns L. */
export function bprBatch(table: Float32Array, gradient: Float32Array, d: number, rows: BatchRows): number {
  const n = rows.user.length;
  let loss = 0;
  for (let t = 0; t < n; t++) {
    const [u, i, j] = [rows.user[t]! * d, rows.item[t]! * d, rows.other[t]! * d];
    let x = 0;
    for (let c = 0; c < d; c++) x += table[u + c]! * (table[i + c]! - table[j + c]!);
    loss += x > 0 ? Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)) - x;
    const g = -1 / (1 + Math.exp(x)) / n;
    for (let c = 0; c < d; c++) {
      const [p, a, b] = [table[u + c]!, table[i + c]!, table[j + c]!];
      gradient[u + c]! += g * (a - b);
      gradient[i + c]! += g * p;
      gradient[j + c]! -= g * p;
    }
  }
  return loss / n;
}

/**
 * Sampled softmax: L = mean_t -log( e^{s_tt/τ} / (e^{s_tt/τ} + Σ_j e^{s_tj/τ}) ), s the dot product or, with `cosine`,
 * the cosine. Adds its gradient; returns L.
 */
export async function softmaxBatch(
  kernels: Kernels,
  table: Float32Array,
  gradient: Float32Array,
  d: number,
  rows: BatchRows,
  { temperature, cosine }: { temperature: number; cosine: boolean },
): Promise<number> {
  const [n, shared] = [rows.user.length, rows.other.length];
  const scope = kernels.scope();
  try {
    const side = (ids: Int32Array) => {
      const x = scope.f32(ids.length * d);
      const norms = scope.f32(ids.length);
      gather(kernels, table, ids, d, x);
      if (cosine) l2NormalizeRows(kernels, x, ids.length, d, norms);
      return { ids, x, norms, grad: scope.f32(ids.length * d) };
    };
    const [user, item, other] = [side(rows.user), side(rows.item), side(rows.other)];
    const crossed = scope.f32(n * shared);
    await gemmNT(kernels, user.x, other.x, n, shared, d, crossed);
    const width = shared + 1;
    const scores = scope.f32(n * width);
    for (let t = 0; t < n; t++) {
      let own = 0;
      for (let c = t * d; c < (t + 1) * d; c++) own += user.x[c]! * item.x[c]!;
      scores[t * width] = own;
      scores.set(crossed.subarray(t * shared, (t + 1) * shared), t * width + 1);
    }
    const loss = softmaxLossRows(kernels, scores, n, width, temperature, scores);
    for (let t = 0; t < n; t++) crossed.set(scores.subarray(t * width + 1, (t + 1) * width), t * shared);
    await gemmNN(kernels, crossed, other.x, n, shared, d, user.grad);
    await gemmTN(kernels, crossed, user.x, shared, n, d, other.grad);
    for (let t = 0; t < n; t++) {
      const own = scores[t * width]!;
      for (let c = t * d; c < (t + 1) * d; c++) {
        user.grad[c]! += own * item.x[c]!;
        item.grad[c] = own * user.x[c]!;
      }
    }
    for (const { ids, x, norms, grad } of [user, item, other]) {
      if (cosine) l2NormalizeBackward(kernels, x, norms, grad, ids.length, d, grad);
      scatterAdd(kernels, grad, ids, d, gradient);
    }
    return loss;
  } finally {
    scope.free();
  }
}
