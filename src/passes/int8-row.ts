// FBGEMM's fused 8-bit rows (QuantUtils.cc), d + 8 bytes a row:
//     bias = min, scale = (max - min) / 255, q = round((x - min) · 255 / (max - min + 1e-8))

import { z } from "zod";
import { encodeDense, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { projectInt8Rows } from "../engine/projections.ts";
import { quantizeInt8Rows } from "../kernels/quantize.ts";
import { definePass } from "../kinds/pass.ts";
import { int8RowBytes } from "../tables/int8-row.ts";

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
    return encodeDense(table, ({ rows, cols }, data) => {
      const [min, max] = rangeOf(data);
      if (!Number.isFinite(Math.fround(max - min))) return { refused: "its range is beyond float32" };
      const scope = kernels.scope();
      try {
        const out = scope.u8(rows * int8RowBytes(cols));
        quantizeInt8Rows(kernels, scope.copy(data), rows, cols, out);
        return { encoding: "int8-row", rows, cols, tensors: { data: new Uint8Array(out) } };
      } finally {
        scope.free();
      }
    });
  },
});
