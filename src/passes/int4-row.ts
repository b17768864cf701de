// FBGEMM's fused 4-bit rows (QuantUtils.cc):  q = round((x - bias) / scale) in 0 … 15, scale and bias as binary16.
// A row of d numbers takes d / 2 + 4 bytes. range "search" clips outliers where that lowers the row's squared error.

import { z } from "zod";
import { matrices, tablesOption } from "../engine/dense-pass.ts";
import { encodePackedRows, packedRowsTolerance, rangeOption } from "../engine/packed-rows.ts";
import { projectPackedRows } from "../engine/projections.ts";
import { definePass } from "../kinds/pass.ts";

export default definePass({
  name: "int4-row",
  summary: "Keep every number in 4 bits, with one scale and offset a row.",
  options: z.strictObject({ tables: tablesOption(matrices), range: rangeOption }),
  tolerance: (options, dense) => packedRowsTolerance(4, options.range, dense),
  aware: ({ range }) => ({ project: (b, rows) => projectPackedRows(b, rows, 4, range) }),
  encode(table, options, { kernels }, name) {
    return options.tables.includes(name) ? encodePackedRows(4, options.range, table, kernels) : table;
  },
});
