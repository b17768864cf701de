// One item table for both roles of a low-rank item-item model: B ≈ input·outputᵀ becomes T Tᵀ diag(gain), at half the
// bytes. EASE's B_ij = -P_ij / P_jj is of this form off its diagonal, which never counts: items taken are not ranked.

import { symmetricEigen } from "../kernels/eigen.ts";
import { gemmNN, gemmTN } from "../kernels/gemm.ts";
import { gramDense } from "../kernels/gram.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { LinearStart } from "./linear-start.ts";
import { orthonormalize } from "./spectral.ts";

/** `input` and `output` are one array, items × d; gain is positive. */
export async function tieRoles(
  kernels: Kernels,
  start: LinearStart,
  items: number,
  d: number,
): Promise<LinearStart & { readonly gain: Float32Array }> {
  const scope = kernels.scope();
  try {
    const input = scope.copy(start.input);
    const output = scope.copy(start.output);
    const gain = await balance(kernels, input, output, items, d);
    for (let i = 0; i < output.length; i++) output[i]! /= gain[Math.floor(i / d)]!;
    // S = input·outputᵀ;  Q = orth(output);  sym(Qᵀ S Q) = W Λ Wᵀ;  T = Q W Λ₊^½
    const basis = scope.copy(output);
    await orthonormalize(kernels, basis, items, d);
    const [left, right, middle] = [scope.f32(d * d), scope.f32(d * d), scope.f32(d * d)];
    await gemmTN(kernels, basis, input, d, items, d, left);
    await gemmTN(kernels, output, basis, d, items, d, right);
    await gemmNN(kernels, left, right, d, d, d, middle);
    for (let i = 0; i < d; i++)
      for (let j = 0; j < i; j++) middle[i * d + j] = (middle[i * d + j]! + middle[j * d + i]!) / 2;
    const { values, vectors } = symmetricEigen(kernels, middle, d);
    const turn = scope.f32(d * d);
    for (let c = 0; c < d; c++) {
      const root = Math.sqrt(Math.max(values[c]!, values[0]! * 1e-3, 0));
      for (let i = 0; i < d; i++) turn[i * d + c] = vectors[c * d + i]! * root;
    }
    const table = scope.f32(items * d);
    await gemmNN(kernels, basis, turn, items, d, d, table);
    const shared = table.slice();
    return { input: shared, output: shared, gain };
  } finally {
    scope.free();
  }
}

/** Gains g for which the rows and columns of S = input·(output/g)ᵀ are equally long: those of a symmetric S. */
async function balance(
  kernels: Kernels,
  input: Float32Array,
  output: Float32Array,
  items: number,
  d: number,
): Promise<Float32Array> {
  const scope = kernels.scope();
  try {
    const gain = new Float32Array(items).fill(1);
    const scaled = scope.f32(items * d);
    const [inGram, outGram] = [scope.f32(d * d), scope.f32(d * d)];
    await gramDense(kernels, input, items, d, inGram);
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < scaled.length; i++) scaled[i] = output[i]! / gain[Math.floor(i / d)]!;
      await gramDense(kernels, scaled, items, d, outGram);
      const rows = lengths(input, outGram, items, d);
      const columns = lengths(scaled, inGram, items, d);
      for (let j = 0; j < items; j++)
        if (rows[j]! > 0 && columns[j]! > 0) gain[j]! *= Math.sqrt(columns[j]! / rows[j]!);
    }
    const mean = Math.exp(gain.reduce((sum, g) => sum + Math.log(g), 0) / items);
    return gain.map((g) => Math.min(10, Math.max(0.1, g / mean)));
  } finally {
    scope.free();
  }
}

/** sqrt(x_jᵀ G x_j) for each row of x (items × d). */
function lengths(x: Float32Array, gram: Float32Array, items: number, d: number): Float64Array {
  return Float64Array.from({ length: items }, (_, j) => {
    let sum = 0;
    for (let a = 0; a < d; a++) {
      let inner = 0;
      for (let b = 0; b < d; b++) inner += gram[a * d + b]! * x[j * d + b]!;
      sum += inner * x[j * d + a]!;
    }
    return Math.sqrt(Math.max(0, sum));
  });
}
