// A half step of implicit-feedback ALS: every row of one side against the fixed other side (Rendle et al.,
// arXiv 2110.14044): (gram + Σ_i v_i·v_iᵀ + ridge·I)·x = Σ_i v_i, ridge = λ·(entries + α₀·cols)^ν.

import { balancedRanges, checkCsr, checkLength, parts } from "./check.ts";
import type { Kernels } from "./kernels.ts";

export interface IalsHalfStep {
  /** rows × d, updated in place. */
  readonly target: Float32Array;
  /** cols × d. */
  readonly source: Float32Array;
  /** d × d: unobserved · sourceᵀsource (gramDense). */
  readonly gram: Float32Array;
  readonly indptr: Int32Array;
  readonly indices: Int32Array;
  readonly rows: number;
  readonly d: number;
  /** λ. */
  readonly reg: number;
  /** ν. */
  readonly frequencyPower: number;
  /** α₀. */
  readonly unobserved: number;
  /** cols. */
  readonly totalOther: number;
  /** Conjugate gradient steps from the present rows; 0 (the default) solves exactly. */
  readonly cgSteps?: number;
}

/**
 * Updates all rows, in parallel, same bits for any number of threads; a row without entries becomes 0. Returns how many
 * rows were left as they were because their system is not positive definite in float32 (always 0 with cgSteps).
 */
export async function ialsHalfStep(k: Kernels, step: IalsHalfStep): Promise<number> {
  const { target, source, gram, indptr, indices, rows, d, reg, frequencyPower, unobserved, totalOther } = step;
  checkCsr("matrix", { indptr, indices }, rows);
  checkLength("target", target, rows * d);
  checkLength("source", source, totalOther * d);
  checkLength("gram", gram, d * d);
  const scope = k.scope();
  try {
    const wide = Math.ceil(d / 8) * 8;
    const widen = (from: Float32Array, n: number) => {
      if (wide === d) return from;
      const to = scope.f32(n * wide);
      for (let r = 0; r < n; r++) to.set(from.subarray(r * d, (r + 1) * d), r * wide);
      return to;
    };
    const x = widen(target, rows);
    const v = widen(source, totalOther);
    const g = widen(gram, d);
    const padded = wide === d ? g : scope.f32(wide * wide);
    if (padded !== g) padded.set(g);
    for (let i = d; i < wide; i++) padded[i * wide + i] = 1;
    const ridge = scope.f32(rows);
    for (let r = 0; r < rows; r++) {
      ridge[r] = reg * (indptr[r + 1]! - indptr[r]! + unobserved * totalOther) ** frequencyPower;
    }
    const calls = balancedRanges(indptr, rows, rows * d < 1 << 12 ? 1 : 4 * parts(k));
    const failed = scope.i32(calls.length);
    const bytes = k.exports["ialsScratch"]!(wide);
    const scratch = scope.u8(bytes * calls.length).byteOffset;
    const cgSteps = step.cgSteps ?? 0;
    await k.parallel(
      cgSteps > 0 ? "ialsRowsCg" : "ialsRows",
      calls.map(([r0, r1], i) => [
        ...[x.byteOffset, v.byteOffset, padded.byteOffset, indptr.byteOffset, indices.byteOffset, ridge.byteOffset],
        ...[wide, r0, r1, cgSteps > 0 ? cgSteps : failed.byteOffset + i * 4, scratch + i * bytes],
      ]),
    );
    if (x !== target) {
      for (let r = 0; r < rows; r++) target.set(x.subarray(r * wide, r * wide + d), r * d);
    }
    return failed.reduce((sum, n) => sum + n, 0);
  } finally {
    scope.free();
  }
}
