// How entities lie to each other, compared without a matrix of all pairs: with rows of length 1,
//
//     ‖T Tᵀ - S Sᵀ‖² = ‖Tᵀ T‖² - 2 ‖Tᵀ S‖² + ‖Sᵀ S‖²
//
// whose products are as small as the vectors are wide. The teacher's own term is left out: no student changes it.

import type { Ops } from "../../graph/ops.ts";
import type { Sorted } from "./experts.ts";

/** Rows of length 1, [n, width], or 0 where their weight [n] is. */
export const directions = (g: Ops, rows: string, weight: string): string =>
  g.mul(g.div(rows, g.max(g.norm(rows, [1], true), g.scalar(1e-8))), g.unsqueeze(weight, 1));

/** The same within each group alone, for rows of length 1 sorted by group: a group's products are those of its blocks. */
export function relationGapWithin(g: Ops, { owner, slots, blocks }: Sorted, teacher: string, student: string): string {
  const groups = g.dims(owner)[1]!;
  const product = (a: string, b: string) => {
    const [x, y] = [slots(a), slots(b)];
    const wide = g.dims(x)[2]! * g.dims(y)[2]!;
    const each = g.reshape(g.matmul(g.transpose(x, [0, 2, 1]), y), [blocks, wide]);
    return g.sum(g.square(g.reshape(g.gemm(owner, each, undefined, { transA: true }), [groups * wide])), []);
  };
  return g.sub(product(student, student), g.mul(product(teacher, student), g.scalar(2)));
}

/** ‖S Sᵀ‖² - 2 ⟨T Tᵀ, S Sᵀ⟩ for rows of length 1. */
export function relationGap(g: Ops, teacher: string, student: string): string {
  const product = (a: string, b: string) => g.sum(g.square(g.gemm(a, b, undefined, { transA: true })), []);
  return g.sub(product(student, student), g.mul(product(teacher, student), g.scalar(2)));
}
