// FBGEMM's fused 8-bit rows (QuantUtils.cc), d + 8 bytes a row:
//     bias = min, scale = (max - min) / 255, q = round((x - min) · 255 / (max - min + 1e-8))

import { z } from "zod";
import { encodeDense, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { projectInt8Rows } from "../engine/projections.ts";
import { int8Rows } from "../engine/row-encodings.ts";
import { definePass } from "../kinds/pass.ts";

export default definePass({
  name: "int8-row",
  summary: "Keep every number in 8 bits, with one scale and offset a row.",
  options: z.strictObject({ tables: tablesOption() }),
  tolerance(_options, dense) {
    const [min, max] = rangeOf(dense);
    // Half a step, what the 1e-8 moves, and the float32 rounding of scale, bias and their product.
    return (max - min) / 510 + Math.min(max - min, 1e-8) + Math.max(-min, max) * 2 ** -20;
  },
  aware: () => ({ project: projectInt8Rows }),
  encode(table, options, { kernels }, name) {
    if (!options.tables.includes(name)) return table;
    return encodeDense(table, (dense, data) => {
      const [min, max] = rangeOf(data);
      if (!Number.isFinite(Math.fround(max - min))) return { refused: "its range is beyond float32" };
      return int8Rows(kernels, dense);
    });
  },
});
