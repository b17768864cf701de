// The singular value decomposition of all scores U·Vᵀ from d × d matrices alone. With UᵀU = E D Eᵀ and VᵀV = F C Fᵀ:
//
//     A = D^½ Eᵀ F C^½ = P Σ Qᵀ,      U·Vᵀ = (U E D^-½ P) Σ (V F C^-½ Q)ᵀ
//
// so  U · E D^-½ P Σ^½  and  V · F C^-½ Q Σ^½  give the same scores, with columns of equal length on both sides.

import { symmetricEigen } from "../kernels/eigen.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Table } from "../tables/table.ts";
import { gramOf } from "./factor-space.ts";

/** Shares of the largest eigenvalue below which a direction holds rounding only. */
const NOTHING = 1e-9;

export interface ScoreSpectrum {
  /** Singular values of U·Vᵀ, the largest first; one for each dimension. */
  readonly values: Float64Array;
  /** d × r: U · left and V · right are the rows of both sides in the leading r balanced directions. */
  leading(r: number): { readonly left: Float32Array; readonly right: Float32Array };
}

export async function scoreSpectrum(kernels: Kernels, users: Table, items: Table): Promise<ScoreSpectrum> {
  const d = items.cols;
  const scope = kernels.scope();
  try {
    const root = async (table: Table) => {
      const { values, vectors } = symmetricEigen(kernels, await gramOf(kernels, scope, table), d);
      const kept = values.map((value) => (value > NOTHING * values[0]! ? Math.sqrt(value) : 0));
      return { vectors, kept };
    };
    const [u, v] = [await root(users), await root(items)];
    // Row i, column j:  √D_i (E_i · F_j) √C_j, with eigenvectors in rows.
    const a = new Float64Array(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        let dot = 0;
        for (let c = 0; c < d; c++) dot += u.vectors[i * d + c]! * v.vectors[j * d + c]!;
        a[i * d + j] = u.kept[i]! * dot * v.kept[j]!;
      }
    }
    const square = scope.f32(d * d);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        let dot = 0;
        for (let r = 0; r < d; r++) dot += a[r * d + i]! * a[r * d + j]!;
        square[i * d + j] = dot;
      }
    }
    const { values, vectors: q } = symmetricEigen(kernels, square, d);
    const singular = values.map((value) => Math.sqrt(Math.max(0, value)));
    return {
      values: singular,
      leading(r) {
        const [left, right] = [new Float32Array(d * r), new Float32Array(d * r)];
        for (let s = 0; s < r; s++) {
          if (singular[s]! <= NOTHING * singular[0]!) continue;
          // P Σ^½ = A Q Σ^-½
          const [p, qs] = [new Float64Array(d), new Float64Array(d)];
          for (let i = 0; i < d; i++) {
            let dot = 0;
            for (let c = 0; c < d; c++) dot += a[i * d + c]! * q[s * d + c]!;
            p[i] = u.kept[i]! > 0 ? dot / (Math.sqrt(singular[s]!) * u.kept[i]!) : 0;
            qs[i] = v.kept[i]! > 0 ? (q[s * d + i]! * Math.sqrt(singular[s]!)) / v.kept[i]! : 0;
          }
          for (let c = 0; c < d; c++) {
            let [l, m] = [0, 0];
            for (let i = 0; i < d; i++) {
              l += u.vectors[i * d + c]! * p[i]!;
              m += v.vectors[i * d + c]! * qs[i]!;
            }
            left[c * r + s] = l;
            right[c * r + s] = m;
          }
        }
        return { left, right };
      },
    };
  } finally {
    scope.free();
  }
}
