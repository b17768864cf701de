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

/** Pairs scored at once in softmaxBatch, so that a block of scores stays in cache. */
const blockRows = 512;

/**
 * BPR: L = scale · Σ_t -log σ(u·i - u·j), the mean without a scale. Adds its gradient; returns L. With `widths`, ascending
 * to d, the sum of that over the first so many dimensions of all rows, for each width.
 */
export function bprBatch(
  table: Float32Array,
  gradient: Float32Array,
  d: number,
  rows: BatchRows,
  scale: number = 1 / rows.user.length,
  widths: readonly number[] = [d],
): number {
  const n = rows.user.length;
  const slopes = new Float64Array(widths.length);
  let loss = 0;
  for (let t = 0; t < n; t++) {
    const [u, i, j] = [rows.user[t]! * d, rows.item[t]! * d, rows.other[t]! * d];
    let x = 0;
    let c = 0;
    for (let w = 0; w < widths.length; w++) {
      for (; c < widths[w]!; c++) x += table[u + c]! * (table[i + c]! - table[j + c]!);
      loss += x > 0 ? Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)) - x;
      slopes[w] = -scale / (1 + Math.exp(x));
    }
    // A dimension counts in every width that holds it: those from the last down to its own.
    let g = 0;
    for (let w = widths.length - 1; w >= 0; w--) {
      g += slopes[w]!;
      for (let c = widths[w - 1] ?? 0; c < widths[w]!; c++) {
        const [p, a, b] = [table[u + c]!, table[i + c]!, table[j + c]!];
        gradient[u + c]! += g * (a - b);
        gradient[i + c]! += g * p;
        gradient[j + c]! -= g * p;
      }
    }
  }
  return loss * scale;
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
    const side = (rowIds: Int32Array) => {
      const ids = scope.copy(rowIds);
      const x = scope.f32(ids.length * d);
      const norms = scope.f32(ids.length);
      gather(kernels, table, ids, d, x);
      if (cosine) l2NormalizeRows(kernels, x, ids.length, d, norms);
      return { ids, x, norms, grad: scope.f32(ids.length * d) };
    };
    const [user, item, other] = [side(rows.user), side(rows.item), side(rows.other)];
    const width = shared + 1;
    const most = Math.min(n, blockRows);
    const [crossed, scores, turned] = [scope.f32(most * shared), scope.f32(most * width), scope.f32(shared * d)];
    let loss = 0;
    for (let from = 0; from < n; from += blockRows) {
      const count = Math.min(blockRows, n - from);
      const part = (x: Float32Array) => x.subarray(from * d, (from + count) * d);
      const [u, i, uGrad, iGrad] = [part(user.x), part(item.x), part(user.grad), part(item.grad)];
      const inner = crossed.subarray(0, count * shared);
      const rowScores = scores.subarray(0, count * width);
      await gemmNT(kernels, u, other.x, count, shared, d, inner);
      for (let t = 0; t < count; t++) {
        let own = 0;
        for (let c = t * d; c < (t + 1) * d; c++) own += u[c]! * i[c]!;
        rowScores[t * width] = own;
        rowScores.set(inner.subarray(t * shared, (t + 1) * shared), t * width + 1);
      }
      // The kernel averages over the rows it sees; the batch's mean is over all n.
      loss += (softmaxLossRows(kernels, rowScores, count, width, temperature, rowScores) * count) / n;
      for (let t = 0; t < count; t++) inner.set(rowScores.subarray(t * width + 1, (t + 1) * width), t * shared);
      await gemmNN(kernels, inner, other.x, count, shared, d, uGrad);
      await gemmTN(kernels, inner, u, shared, count, d, turned);
      const share = count / n;
      for (let c = 0; c < turned.length; c++) other.grad[c]! += share * turned[c]!;
      for (let t = 0; t < count; t++) {
        const own = rowScores[t * width]! * share;
        for (let c = t * d; c < (t + 1) * d; c++) {
          uGrad[c] = share * uGrad[c]! + own * i[c]!;
          iGrad[c] = own * u[c]!;
        }
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
