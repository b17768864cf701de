// The embeddings of a factor model, users first and items after them, with dense gradients and Adam over all rows: what
// several losses add to before one step. Decay is L2 in the gradient of every row, as PyTorch's weight_decay is. Parts of
// it may ship in few bits: their rows are then projections of latent numbers, which are what Adam moves.

import type { Kernels } from "../../kernels/kernels.ts";
import type { Scope } from "../../kernels/memory.ts";
import { adamRows } from "../../kernels/optimizers.ts";
import { f32Table, type Table } from "../../tables/table.ts";
import { type FewBits, fewBitRows } from "../few-bit-rows.ts";
import type { EmbeddingTable } from "../tables/embedding-table.ts";

/** Consecutive rows of the table that ship as one. */
export interface FactorPart {
  readonly rows: number;
  readonly bits?: FewBits | undefined;
}

export interface FactorTable {
  /** All parts' rows × d, which losses read; `start` fills them. */
  readonly rows: Float32Array;
  /** Of the same shape; whoever knows a loss adds to it. */
  readonly gradient: Float32Array;
  /** Takes what `fill` writes for where learning begins. */
  start(fill: (rows: Float32Array) => void | Promise<void>): Promise<void>;
  /** One Adam step, after which the gradient is zero. */
  step(learningRate: number, decay: number): Promise<void>;
  /** The table for a trainer that reads rows of it and adds their gradients. */
  borrowed(): EmbeddingTable;
  /** Each part as it ships; they decode to `rows`. */
  tables(): Table[];
}

export function createFactorTable(
  kernels: Kernels,
  scope: Scope,
  parts: readonly FactorPart[],
  d: number,
): FactorTable {
  const n = parts.reduce((sum, part) => sum + part.rows, 0);
  const [latent, gradient, m, v] = [0, 1, 2, 3].map(() => scope.f32(n * d)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const rows = parts.some(({ bits }) => bits) ? scope.f32(n * d) : latent;
  let first = 0;
  const divided = parts.map((part) => {
    const of = (all: Float32Array) => all.subarray(from, from + part.rows * d);
    const from = first * d;
    first += part.rows;
    const few = part.bits && fewBitRows(kernels, scope, part.rows, d, part.bits);
    return { n: part.rows, few, latent: of(latent), rows: of(rows) };
  });
  const project = () => {
    if (rows === latent) return;
    for (const part of divided) {
      if (part.few) part.few.project(part.latent, part.rows);
      else part.rows.set(part.latent);
    }
  };
  let taken = 0;
  return {
    rows,
    gradient,
    async start(fill) {
      await fill(latent);
      project();
    },
    async step(learningRate, decay) {
      taken++;
      const adam = { learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step: taken, decay };
      await adamRows(kernels, latent, m, v, null, gradient, d, adam);
      gradient.fill(0);
      project();
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
    tables: () => divided.map((part) => part.few?.table(part.latent) ?? f32Table(part.n, d, part.rows.slice())),
  };
}
