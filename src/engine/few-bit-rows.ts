// Rows that learn as they will ship: training moves latent numbers, every product is made with their projection to a few
// levels, and its gradient is taken for the latents' own (straight-through: Bengio et al., arXiv 1308.3432; for binary
// weights Courbariaux et al., arXiv 1511.00363). A row's scale is that of least squared error, and rounded as it is kept
// (XNOR-Net, arXiv 1603.05279: 2 levels are sign(w) · mean |w|).

import { z } from "zod";
import { fitLevels, levelRows } from "../kernels/few-levels.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Scope } from "../kernels/memory.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { fromHalf } from "../tables/half.ts";
import { levelsRowTable } from "../tables/levels-row.ts";
import type { Table } from "../tables/table.ts";
import { keptScales, normalLevels } from "./row-levels.ts";

export const fewBitOptions = z.strictObject({
  levels: z.int().min(2).max(16).default(2).describe("how many a number has to choose from: 2 is 1 bit, 4 are 2 bits"),
  scales: z.enum(["f16", "u8"]).default("u8").describe("how a row's scale is kept: in 2 bytes or in 1"),
});

export type FewBits = z.output<typeof fewBitOptions>;

export interface FewBitRows {
  /** Writes the projection of `latent` to `rows`: what `table` decodes to, bit for bit. Both in kernel memory. */
  project(latent: Float32Array, rows: Float32Array): void;
  /** The projection of `latent` as it ships. */
  table(latent: Float32Array): Table;
}

/** Rows of `n` × `d` in `scope`. */
export function fewBitRows(
  kernels: Kernels,
  scope: Scope,
  n: number,
  d: number,
  { levels: count, scales: as }: FewBits,
): FewBitRows {
  const { levels, spread } = normalLevels(count);
  const bits = halvesOf(kernels, levels);
  const fitted = {
    cols: d,
    levels: scope.copy(Float32Array.from(bits, fromHalf)),
    digits: scope.u8(n * d),
    scales: scope.f32(n),
  };
  const quantise = (latent: Float32Array) => {
    fitLevels(kernels, latent, 1 / spread, fitted);
    return keptScales(kernels, fitted.scales, as);
  };
  return {
    project(latent, rows) {
      fitted.scales.set(quantise(latent).values);
      levelRows(kernels, fitted, rows);
    },
    table: (latent) => levelsRowTable(n, d, bits, quantise(latent).kept, fitted.digits),
  };
}
