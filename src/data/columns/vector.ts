// A dense vector of fixed width a row, an image's or a text's embedding say; missing is all zeros.

import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { asLists, numberOf } from "../raw-table.ts";
import { defineColumn, separator, source } from "./kind.ts";

const shape = z.strictObject({
  kind: z.literal("vector"),
  ...source,
  separator,
  width: z.number().int().min(1).max(65_536).describe("How many numbers a row has."),
});

export const vector = defineColumn({
  summary: "A dense vector of fixed width: an embedding from elsewhere.",
  options: shape,
  fitted: shape,
  fit: (_raw, options) => options,
  encoder({ width, separator: cut }, where) {
    return {
      shape: "dense",
      width,
      encode(raw) {
        const { start, of } = asLists(raw, cut);
        const spelt = of.kind === "words" ? of.words.map((word) => numberOf(word, where)) : [];
        const at = (k: number) => (of.kind === "numbers" ? of.values[k]! : (spelt[of.code[k]!] ?? Number.NaN));
        const n = start.length - 1;
        const out = new Float32Array(n * width);
        for (let r = 0; r < n; r++) {
          const [from, end] = [start[r]!, start[r + 1]!];
          if (from === end) continue;
          if (end - from !== width) {
            throw new UserError(
              `${where}: row ${r + 1} has ${end - from} numbers, not ${width}; correct the row or width.`,
            );
          }
          for (let c = 0; c < width; c++) {
            const x = Math.fround(at(from + c));
            if (!Number.isFinite(x)) {
              throw new UserError(
                `${where}: row ${r + 1}: number ${c + 1} is missing or too large for float32; correct it.`,
              );
            }
            out[r * width + c] = x;
          }
        }
        return out;
      },
    };
  },
});
