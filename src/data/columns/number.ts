// A number as a number. y = (t(x) - mean) / deviation over train, t(x) = x or sign(x) · ln(1 + |x|); missing is 0, the
// mean.

import { z } from "zod";
import { asNumbers } from "../raw-table.ts";
import { defineColumn, source } from "./kind.ts";

const shared = {
  kind: z.literal("number"),
  ...source,
  log: z.boolean().default(false).describe("Take sign(x) · ln(1 + |x|) first, for counts and amounts."),
  indicator: z.boolean().default(false).describe("Add a number that is 1 where the value is missing, else 0."),
};
const largest = 3.4e38;

export const number = defineColumn({
  summary: "A number as a number, standardised; missing is the mean.",
  options: z.strictObject({
    ...shared,
    standardise: z.boolean().default(true).describe("Subtract the mean of train and divide by its deviation."),
  }),
  fitted: z.strictObject({ ...shared, mean: z.number(), deviation: z.number().positive() }),
  fit(raw, { standardise, ...rest }, where) {
    if (!standardise) return { ...rest, mean: 0, deviation: 1 };
    let [n, mean, squares] = [0, 0, 0];
    for (const x of asNumbers(raw, where)) {
      if (Number.isNaN(x)) continue;
      const y = rest.log ? signedLog(x) : x;
      const gap = y - mean;
      mean += gap / ++n;
      squares += gap * (y - mean);
    }
    const deviation = Math.sqrt(squares / Math.max(1, n));
    return { ...rest, mean, deviation: deviation > 0 ? deviation : 1 };
  },
  encoder({ log, indicator, mean, deviation }, where) {
    const width = indicator ? 2 : 1;
    return {
      shape: "numbers",
      width,
      encode(raw) {
        const values = asNumbers(raw, where);
        const out = new Float32Array(values.length * width);
        for (const [r, x] of values.entries()) {
          const missing = Number.isNaN(x);
          const y = missing ? 0 : ((log ? signedLog(x) : x) - mean) / deviation;
          out[r * width] = Math.min(largest, Math.max(-largest, y));
          if (indicator) out[r * width + 1] = missing ? 1 : 0;
        }
        return out;
      },
    };
  },
});

const signedLog = (x: number): number => Math.sign(x) * Math.log1p(Math.abs(x));
