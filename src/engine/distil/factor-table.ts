// The embeddings of a factor model, users first and items after them, with dense gradients and Adam over all rows: what
// several losses add to before one step. Decay is L2 in the gradient of every row, as PyTorch's weight_decay is.

import type { Kernels } from "../../kernels/kernels.ts";
import type { Scope } from "../../kernels/memory.ts";
import { adamRows } from "../../kernels/optimizers.ts";
import type { EmbeddingTable } from "../tables/embedding-table.ts";

export interface FactorTable {
  /** (users + items) × d; its start is the caller's to fill. */
  readonly rows: Float32Array;
  /** Of the same shape; whoever knows a loss adds to it. */
  readonly gradient: Float32Array;
  /** One Adam step, after which the gradient is zero. */
  step(learningRate: number, decay: number): Promise<void>;
  /** The table for a trainer that reads rows of it and adds their gradients. */
  borrowed(): EmbeddingTable;
}

export function createFactorTable(kernels: Kernels, scope: Scope, n: number, d: number): FactorTable {
  const [rows, gradient, m, v] = [0, 1, 2, 3].map(() => scope.f32(n * d)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  let taken = 0;
  return {
    rows,
    gradient,
    async step(learningRate, decay) {
      taken++;
      const adam = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: taken, decay };
      await adamRows(kernels, rows, m, v, null, gradient, d, adam);
      gradient.fill(0);
    },
    borrowed: () => ({
      ...{ rows: n, width: d },
      async gather(ids, into) {
        for (let t = 0; t < ids.length; t++) {
          const at = Number(ids[t]) * d;
          for (let x = 0; x < d; x++) into[t * d + x] = rows[at + x]!;
        }
      },
      async accumulate(ids, gradients) {
        for (let t = 0; t < ids.length; t++) {
          const at = Number(ids[t]) * d;
          for (let x = 0; x < d; x++) gradient[at + x]! += gradients[t * d + x]!;
        }
      },
      squaredNorm: () => 0,
      async apply() {},
      state: () => ({ rows: [rows] }),
      load: () => {},
      table: () => rows.slice(),
      free: () => {},
    }),
  };
}
