// What processors without VNNI make of a product of uint8 and int8: their instruction (vpmaddubsw) adds the products of
// two neighbours in 16 bits, which saturate:
//
//     Σ_k a_k w_k   becomes   Σ_i clamp(a_2i w_2i + a_2i+1 w_2i+1, -32768, 32767)

import type { Int8Weights } from "./weights.ts";

export interface Saturation {
  /** Sums that come out otherwise, of how many. */
  readonly wrong: number;
  readonly sums: number;
  /** The largest that one is off by, in units of a weight's step times an activation's. */
  readonly worst: number;
}

/** Over rows of quantised activations, [n, ins]. */
export function saturation({ data }: Int8Weights, ins: number, rows: Uint8Array): Saturation {
  const outs = data.length / ins;
  const risky = riskyPairs(data, ins, outs);
  let [wrong, worst] = [0, 0];
  for (let at = 0; at < rows.length; at += ins) {
    for (const pairs of risky) {
      let off = 0;
      for (const k of pairs.ks) {
        const sum = rows[at + k]! * data[k * outs + pairs.out]! + rows[at + k + 1]! * data[(k + 1) * outs + pairs.out]!;
        if (sum > 32767) off += sum - 32767;
        else if (sum < -32768) off += sum + 32768;
      }
      if (off !== 0) wrong++;
      worst = Math.max(worst, Math.abs(off));
    }
  }
  return { wrong, sums: (rows.length / ins) * outs, worst };
}

/** The pairs of each output that could leave 16 bits. */
function riskyPairs(data: Int8Array, ins: number, outs: number): { out: number; ks: number[] }[] {
  return Array.from({ length: outs }, (_, out) => {
    const ks: number[] = [];
    for (let k = 0; k + 1 < ins; k += 2) {
      if (255 * Math.abs(data[k * outs + out]! + data[(k + 1) * outs + out]!) > 32767) ks.push(k);
    }
    return { out, ks };
  }).filter(({ ks }) => ks.length > 0);
}
