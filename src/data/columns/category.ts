// A categorical column by vocabulary: each frequent value has an embedding of its own.

import { z } from "zod";
import { asWords } from "../raw-table.ts";
import { defineColumn, source } from "./kind.ts";
import { frequent, minCount, vocabularyRows, words } from "./vocabulary.ts";

const options = z.strictObject({
  kind: z.literal("category"),
  ...source,
  minCount,
  most: z.number().int().min(1).max(1e8).optional().describe("Keep at most this many values, the most frequent."),
});

export const category = defineColumn({
  summary: "A value has its own embedding: a vocabulary of what train holds often enough.",
  options,
  fitted: z.strictObject({ kind: z.literal("category"), ...source, words }),
  fit(raw, { minCount, most, ...rest }, where) {
    const { words: values, code } = asWords(raw, where);
    return { ...rest, words: frequent(values, code, minCount, most) };
  },
  encoder({ words: list }, where) {
    const { rows, rowOf } = vocabularyRows(list);
    return {
      shape: "id",
      rows,
      encode(raw) {
        const { words: values, code } = asWords(raw, where);
        const row = Int32Array.from(values, rowOf);
        return code.map((c) => (c < 0 ? 0 : row[c]!));
      },
    };
  },
});
