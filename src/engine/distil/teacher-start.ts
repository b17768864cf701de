// Rows that a factor student can start from: its teacher in fewer dimensions, at the scale on which the guide compares
// scores.

import { UserError } from "../../base/errors.ts";
import type { Interactions } from "../../data/interactions.ts";
import { symmetricEigen } from "../../kernels/eigen.ts";
import { gemmNN } from "../../kernels/gemm.ts";
import { gramDense } from "../../kernels/gram.ts";
import type { Kernels } from "../../kernels/kernels.ts";
import type { Guidance } from "../../kinds/guidance.ts";
import { decodeTable } from "../../tables/decode.ts";
import { teacherScale } from "../guide.ts";
import { teacherVectors } from "./teacher-vectors.ts";

export const starts = ["random", "teacher", "slices"] as const;

/** Users × d and items × d. */
export interface FactorStart {
  readonly user: Float32Array;
  readonly item: Float32Array;
}

/**
 * "teacher" is the best stand-in of rank d for the teacher's scores, "slices" the teacher's leading d dimensions; fewer
 * where it has fewer, and zeros in the rest.
 */
export async function teacherStart(
  kernels: Kernels,
  guidance: Guidance | undefined,
  train: Interactions,
  d: number,
  how: "teacher" | "slices",
): Promise<FactorStart> {
  if (!guidance) throw new UserError(`start: ${how} needs a teacher; give the student distill, or start: random.`);
  const { width, user, item } = withGainAndBias(guidance, train, how);
  const most = Math.min(d, width);
  const scale = Math.sqrt(teacherScale(guidance.lists, train.users));
  const scope = kernels.scope();
  try {
    if (how === "slices") {
      const cut = (rows: Float32Array) =>
        Float32Array.from({ length: (rows.length / width) * d }, (_, i) =>
          i % d < most ? scale * rows[Math.floor(i / d) * width + (i % d)]! : 0,
        );
      return { user: cut(user), item: cut(item) };
    }
    const [users, items] = [scope.copy(user), scope.copy(item)];
    const turns = await stand(kernels, users, train.users, items, train.items, width);
    const turned = async (rows: Float32Array, n: number, turn: Float64Array) => {
      const [by, out] = [scope.f32(width * d), scope.f32(n * d)];
      for (let i = 0; i < width; i++) for (let c = 0; c < most; c++) by[i * d + c] = scale * turn[i * width + c]!;
      await gemmNN(kernels, rows, by, n, width, d, out);
      return out.slice();
    };
    return {
      user: await turned(users, train.users, turns.user),
      item: await turned(items, train.items, turns.item),
    };
  } finally {
    scope.free();
  }
}

/** An item's gain multiplies its row; its bias is one more dimension, in which every user is 1. */
function withGainAndBias(guidance: Guidance, train: Interactions, how: string) {
  const { teacher } = guidance;
  const { width, user, item } = teacherVectors(
    teacher,
    train,
    (why) => `start: ${how} takes the teacher's factors, and the teacher ${why}; use start: random.`,
  );
  const [gain, bias] = [teacher?.tables.gain, teacher?.tables.bias].map((table) => table && decodeTable(table));
  if (!gain && !bias) return { width, user, item };
  const wide = width + (bias ? 1 : 0);
  const grown = (rows: Float32Array, factor: (row: number) => number, last: (row: number) => number) =>
    Float32Array.from({ length: (rows.length / width) * wide }, (_, i) => {
      const [row, x] = [Math.floor(i / wide), i % wide];
      return x < width ? factor(row) * rows[row * width + x]! : last(row);
    });
  return {
    width: wide,
    user: grown(
      user,
      () => 1,
      () => 1,
    ),
    item: grown(
      item,
      (row) => gain?.[row] ?? 1,
      (row) => bias?.[row] ?? 0,
    ),
  };
}

/**
 * U Vᵀ = Q Kᵀ with Q = U G^-½ orthonormal, K = V G^½, G = UᵀU. With KᵀK = G^½ VᵀV G^½ = A S² Aᵀ its singular values are
 * S, and split alike between both sides
 *
 *     user = U G^-½ A S^½,   item = V G^½ A S^-½,   of which the first d columns are the best rank d (Eckart & Young).
 *
 * Returns what U and V are multiplied by, width × width each.
 */
async function stand(
  kernels: Kernels,
  users: Float32Array,
  nUsers: number,
  items: Float32Array,
  nItems: number,
  width: number,
): Promise<{ user: Float64Array; item: Float64Array }> {
  const scope = kernels.scope();
  try {
    const [ofUsers, ofItems] = [scope.f32(width * width), scope.f32(width * width)];
    await gramDense(kernels, users, nUsers, width, ofUsers);
    await gramDense(kernels, items, nItems, width, ofItems);
    const { values, vectors } = symmetricEigen(kernels, ofUsers, width);
    const floor = values[0]! * 1e-8;
    const power = (exponent: number) => {
      const out = new Float64Array(width * width);
      for (const [k, value] of values.entries()) {
        if (value <= floor) continue;
        const factor = value ** exponent;
        for (let i = 0; i < width; i++) {
          const left = factor * vectors[k * width + i]!;
          for (let j = 0; j < width; j++) out[i * width + j]! += left * vectors[k * width + j]!;
        }
      }
      return out;
    };
    const [root, inverse] = [power(0.5), power(-0.5)];
    const inner = times(times(root, Float64Array.from(ofItems), width), root, width);
    const { values: squares, vectors: axes } = symmetricEigen(kernels, scope.copy(Float32Array.from(inner)), width);
    const columns = (by: number) => {
      const out = new Float64Array(width * width);
      for (const [k, square] of squares.entries()) {
        const factor = square > squares[0]! * 1e-12 ? square ** (by / 2) : 0;
        for (let i = 0; i < width; i++) out[i * width + k] = factor * axes[k * width + i]!;
      }
      return out;
    };
    return { user: times(inverse, columns(0.5), width), item: times(root, columns(-0.5), width) };
  } finally {
    scope.free();
  }
}

function times(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const left = a[i * n + k]!;
      for (let j = 0; j < n; j++) out[i * n + j]! += left * b[k * n + j]!;
    }
  }
  return out;
}
