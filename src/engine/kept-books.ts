// Codebooks in the form that they ship in (tables/kept-numbers.ts).

import { z } from "zod";
import type { Kernels } from "../kernels/kernels.ts";
import { halvesOf } from "../kernels/quantize.ts";
import type { KeptNumbers } from "../tables/kept-numbers.ts";

export const bookOption = z
  .enum(["f16", "int8"])
  .default("f16")
  .describe("How the codebooks' numbers are kept: in 2 bytes, or in 1 with a scale for each codebook.");

export type BookForm = z.output<typeof bookOption>;

/** Numbers of either form are off by at most this share of the largest. */
export const bookError = (as: BookForm): number => (as === "f16" ? 2 ** -11 : 1 / 254);

/** int8:  scale = max |x| / 127,  q = 128 + round(x / scale). */
export function keepBook(kernels: Kernels, book: Float32Array, as: BookForm): KeptNumbers {
  if (as === "f16") return { numbers: halvesOf(kernels, book) };
  const most = book.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
  const scale = Math.fround(most / 127);
  return { numbers: Uint8Array.from(book, (x) => 128 + (scale > 0 ? Math.round(x / scale) : 0)), scale };
}
