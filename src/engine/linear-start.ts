// A low-rank start for a student whose user vector is pooled from history: the best rank-d stand-in for its teacher's
// scores over the training users (or, without a teacher, for the interactions themselves: PureSVD, Cremonesi et al.
// RecSys 2010).

import type { Rng } from "../base/rng.ts";
import type { Interactions } from "../data/interactions.ts";
import { gemmNN, gemmTN } from "../kernels/gemm.ts";
import { gramDense } from "../kernels/gram.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { decodeTable } from "../tables/decode.ts";
import { interactionProducts, leadingVectors, type Product } from "./spectral.ts";

/** scores = (Σ_{h ∈ history} input_h) · output_j; both items × rank. */
export interface LinearStart {
  readonly input: Float32Array;
  readonly output: Float32Array;
}

/** Ridge that keeps rarely seen items' input rows small when a teacher's user vectors are regressed on histories. */
const ridge = 10;

export async function linearStart(
  kernels: Kernels,
  train: Interactions,
  rank: number,
  rng: Rng,
  teacher?: Recommender,
): Promise<LinearStart> {
  const scope = kernels.scope();
  try {
    const { items } = train;
    const x = interactionProducts(kernels, scope, train);
    const decoded = (name: "user" | "history" | "item") => {
      const table = teacher?.tables[name];
      return table && scope.copy(decodeTable(table));
    };
    if (!teacher || teacher.query === "none") {
      const { vectors } = await leadingVectors(kernels, scope, items, rank, normal(scope, train, x), rng);
      return { input: vectors.slice(), output: vectors.slice() };
    }
    if (teacher.query === "history" && !teacher.tables.item) {
      const B = decoded("history")!;
      const times: Product = (y, width, out) => gemmNN(kernels, B, y, items, items, width, out);
      const timesT: Product = (y, width, out) => gemmTN(kernels, B, y, items, items, width, out);
      const inner = normal(scope, train, x);
      const buffer = bufferByWidth(scope, items);
      const apply: Product = async (y, width, out) => {
        const held = buffer(width);
        await times(y, width, held);
        await inner(held, width, out);
        held.set(out);
        await timesT(held, width, out);
      };
      const { vectors } = await leadingVectors(kernels, scope, items, rank, apply, rng);
      const input = scope.f32(items * rank);
      await times(vectors, rank, input);
      return { input: input.slice(), output: vectors.slice() };
    }
    // Factor teachers: S = U Qᵀ, so SᵀS Ω = Q (UᵀU) (Qᵀ Ω); the student's user vectors W = U (QᵀV) are then regressed.
    const item = decoded("item")!;
    const d = item.length / items;
    let user = decoded("user");
    if (!user) {
      user = scope.f32(train.users * d);
      await x.by(decoded("history") ?? item, d, user);
    }
    const gram = scope.f32(d * d);
    await gramDense(kernels, user, train.users, d, gram);
    const apply: Product = async (y, width, out) => {
      const local = kernels.scope();
      try {
        const [small, turned] = [local.f32(d * width), local.f32(d * width)];
        await gemmTN(kernels, item, y, d, items, width, small);
        await gemmNN(kernels, gram, small, d, d, width, turned);
        await gemmNN(kernels, item, turned, items, d, width, out);
      } finally {
        local.free();
      }
    };
    const { vectors } = await leadingVectors(kernels, scope, items, rank, apply, rng);
    const turn = scope.f32(d * rank);
    await gemmTN(kernels, item, vectors, d, items, rank, turn);
    const target = scope.f32(train.users * rank);
    await gemmNN(kernels, user, turn, train.users, d, rank, target);
    const right = scope.f32(items * rank);
    await x.byT(target, rank, right);
    const input = await ridgeSolve(scope, normal(scope, train, x), right, items, rank);
    return { input, output: vectors.slice() };
  } finally {
    scope.free();
  }
}

/** One array of rows × width for each width that is asked for, kept between products. */
function bufferByWidth(scope: Scope, rows: number): (width: number) => Float32Array {
  const held = new Map<number, Float32Array>();
  return (width) => {
    const array = held.get(width) ?? scope.f32(rows * width);
    held.set(width, array);
    return array;
  };
}

/** Ω → XᵀX Ω. */
function normal(scope: Scope, train: Interactions, x: { by: Product; byT: Product }): Product {
  const buffer = bufferByWidth(scope, train.users);
  return async (y, width, out) => {
    const middle = buffer(width);
    await x.by(y, width, middle);
    await x.byT(middle, width, out);
  };
}

/** (XᵀX + λI)⁻¹ R by conjugate gradients, each column on its own. */
async function ridgeSolve(
  scope: Scope,
  gram: Product,
  right: Float32Array,
  n: number,
  width: number,
  steps = 30,
): Promise<Float32Array> {
  const x = new Float32Array(n * width);
  const residual = right.slice();
  const direction = scope.copy(right);
  const image = scope.f32(n * width);
  let rr = columnDots(residual, residual, width);
  for (let step = 0; step < steps; step++) {
    await gram(direction, width, image);
    for (let i = 0; i < image.length; i++) image[i]! += ridge * direction[i]!;
    const curvature = columnDots(direction, image, width);
    const alpha = curvature.map((c, k) => (c > 0 ? rr[k]! / c : 0));
    for (let i = 0; i < x.length; i++) {
      x[i]! += alpha[i % width]! * direction[i]!;
      residual[i]! -= alpha[i % width]! * image[i]!;
    }
    const next = columnDots(residual, residual, width);
    for (let i = 0; i < x.length; i++) {
      const k = i % width;
      direction[i] = residual[i]! + (rr[k]! > 0 ? next[k]! / rr[k]! : 0) * direction[i]!;
    }
    rr = next;
  }
  return x;
}

function columnDots(a: Float32Array, b: Float32Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (let i = 0; i < a.length; i++) sums[i % width]! += a[i]! * b[i]!;
  return sums;
}
