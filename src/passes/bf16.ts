// x → nearest bfloat16, the upper half of a binary32. Half the bytes and binary32's whole range; the error is at most 2⁻⁸ of
// the number.

import { z } from "zod";
import { encodeDense, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { definePass } from "../kinds/pass.ts";
import { upperHalves } from "../tables/sixteen-bits.ts";

/** From here on bfloat16 rounds to infinity: half a step above its largest number. */
const TOO_LARGE = (2 - 2 ** -8) * 2 ** 127;

export default definePass({
  name: "bf16",
  summary: "Keep every number in bfloat16, 16-bit floating point of float32's range.",
  options: z.strictObject({ tables: tablesOption() }),
  tolerance(_options, dense) {
    const [min, max] = rangeOf(dense);
    return Math.max(-min, max) * 2 ** -8 + 2 ** -133;
  },
  encode(table, options, _context, name) {
    if (!options.tables.includes(name)) return table;
    return encodeDense(table, ({ rows, cols }, data) => {
      const [min, max] = rangeOf(data);
      const largest = Math.max(-min, max);
      if (largest >= TOO_LARGE) return { refused: `${largest} is beyond bfloat16` };
      return { encoding: "bf16", rows, cols, tensors: { data: upperHalves(data) } };
    });
  },
});
