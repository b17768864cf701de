// A categorical column by hash: a fixed number of embeddings, whatever values come; some values share one.

import { z } from "zod";
import { asWords } from "../raw-table.ts";
import { buckets, defineColumn, seed, source } from "./kind.ts";
import { hashRows } from "./vocabulary.ts";

const shared = { kind: z.literal("hash"), ...source };

export const hash = defineColumn({
  summary: "A fixed number of embeddings for whatever values come; some values share one.",
  options: z.strictObject({
    ...shared,
    buckets: buckets.describe("How many embeddings."),
    seed: seed.default(0).describe("Another seed lets other values share an embedding."),
  }),
  fitted: z.strictObject({ ...shared, buckets, seed }),
  fit: (_raw, options) => options,
  encoder(fitted, where) {
    const { rows, rowOf } = hashRows(fitted.buckets, fitted.seed);
    return {
      shape: "id",
      rows,
      encode(raw) {
        const { words, code } = asWords(raw, where);
        const row = Int32Array.from(words, rowOf);
        return code.map((c) => (c < 0 ? 0 : row[c]!));
      },
    };
  },
});
