// x → nearest IEEE binary16. Half the bytes; the error is at most 2⁻¹¹ of the number.

import { z } from "zod";
import { encodeDense, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { halfRows } from "../engine/row-encodings.ts";
import { definePass } from "../kinds/pass.ts";

/** From here on binary16 rounds to infinity. */
const TOO_LARGE = 65520;

export default definePass({
  name: "fp16",
  summary: "Keep every number in 16-bit floating point.",
  options: z.strictObject({ tables: tablesOption() }),
  tolerance(_options, dense) {
    const [min, max] = rangeOf(dense);
    return Math.max(-min, max) * 2 ** -11 + 2 ** -25;
  },
  encode(table, options, { kernels }, name) {
    if (!options.tables.includes(name)) return table;
    return encodeDense(table, (dense, data) => {
      const [min, max] = rangeOf(data);
      const largest = Math.max(-min, max);
      if (largest >= TOO_LARGE) return { refused: `${largest} is beyond 16-bit floating point` };
      return halfRows(kernels, dense);
    });
  },
});
