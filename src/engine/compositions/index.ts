// Which compositions there are, and how a recipe asks for one.

import { z } from "zod";
import type { Composition, Parts, Whole } from "./composition.ts";
import { deepHash } from "./deep-hash.ts";
import { doubleHash } from "./double-hash.ts";
import { hash } from "./hash.ts";
import { quotientRemainder } from "./quotient-remainder.ts";
import { robe } from "./robe.ts";
import { tensorTrain } from "./tensor-train.ts";

export const compositions: readonly Composition[] = [
  ...[hash, doubleHash, quotientRemainder, robe, tensorTrain, deepHash],
];

export const embeddingsOption = z.strictObject({
  use: z
    .enum(["hash", "double-hash", "quotient-remainder", "robe", "tensor-train", "deep-hash"])
    .describe("what rows are composed of"),
  ratio: z.number().min(1).max(1e6).default(10).describe("how many times fewer numbers than rows of their own"),
  atLeast: z
    .number()
    .int()
    .min(2)
    .max(1e9)
    .default(1000)
    .describe("rows of a table that is composed; smaller ones stay"),
});

export type EmbeddingsOption = z.output<typeof embeddingsOption>;

/** The rows of a table at `ids`, int64 [batch, n]: kept one by one, or as `option` says. */
export function embeddingRows(parts: Parts, whole: Whole, ids: string, option: EmbeddingsOption | undefined): string {
  const composed = option && whole.rows >= option.atLeast && compositions.find(({ name }) => name === option.use);
  if (!composed) return parts.g.gather(parts.table(whole.name, whole.rows, whole.d, whole.init), ids, 0);
  return composed.rows(parts, whole, ids, option.ratio);
}
