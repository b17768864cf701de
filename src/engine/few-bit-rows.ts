// Rows that learn as they will ship: training moves latent numbers, every product is made with their projection to a few
// levels, and its gradient is taken for the latents' own (straight-through: Bengio et al., arXiv 1308.3432; for binary
// weights Courbariaux et al., arXiv 1511.00363). A row's scale is that of least squared error, and rounded as it is kept
// (XNOR-Net, arXiv 1603.05279: 2 levels are sign(w) · mean |w|).

import { z } from "zod";
import type { Kernels } from "../kernels/kernels.ts";
import { halvesOf } from "../kernels/quantize.ts";
import { fromHalf } from "../tables/half.ts";
import { levelsRowTable } from "../tables/levels-row.ts";
import type { Table } from "../tables/table.ts";
import { assignDigits, keptScales, normalLevels } from "./row-levels.ts";

export const fewBitOptions = z.strictObject({
  levels: z.int().min(2).max(16).default(2).describe("how many a number has to choose from: 2 is 1 bit, 4 are 2 bits"),
  scales: z.enum(["f16", "u8"]).default("u8").describe("how a row's scale is kept: in 2 bytes or in 1"),
});

export type FewBits = z.output<typeof fewBitOptions>;

export interface FewBitRows {
  /** Writes the projection of `latent` to `rows`: what `table` decodes to, bit for bit. */
  project(latent: Float32Array, rows: Float32Array): void;
  /** The projection of `latent` as it ships. */
  table(latent: Float32Array): Table;
}

export function fewBitRows(kernels: Kernels, n: number, d: number, { levels: count, scales: as }: FewBits): FewBitRows {
  const { levels, spread } = normalLevels(count);
  const bits = halvesOf(kernels, levels);
  const kept = Float32Array.from(bits, fromHalf);
  const digits = new Uint8Array(n * d);
  const scales = new Float32Array(n);

  function quantise(latent: Float32Array) {
    for (let r = 0; r < n; r++) {
      const [from, to] = [r * d, (r + 1) * d];
      if (count === 2) {
        let size = 0;
        for (let i = from; i < to; i++) {
          const x = latent[i]!;
          digits[i] = x > 0 ? 1 : 0;
          size += x > 0 ? x : -x;
        }
        scales[r] = size / d;
        continue;
      }
      let squares = 0;
      for (let i = from; i < to; i++) squares += latent[i]! * latent[i]!;
      assignDigits(latent.subarray(from, to), kept, Math.sqrt(squares / d) / spread, digits.subarray(from, to));
      let [dot, square] = [0, 0];
      for (let i = from; i < to; i++) {
        const level = kept[digits[i]!]!;
        dot += latent[i]! * level;
        square += level * level;
      }
      scales[r] = square > 0 ? dot / square : 0;
    }
    return keptScales(kernels, scales, as);
  }

  return {
    project(latent, rows) {
      const { values } = quantise(latent);
      for (let r = 0; r < n; r++) {
        const scale = values[r]!;
        for (let i = r * d; i < (r + 1) * d; i++) rows[i] = scale * kept[digits[i]!]!;
      }
    },
    table(latent) {
      const { kept: rowScales } = quantise(latent);
      return levelsRowTable(n, d, bits, rowScales, digits);
    },
  };
}
