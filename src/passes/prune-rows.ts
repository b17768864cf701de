// Keep rows once: those that repeat another, to the bit, and on request those of least norm, which together become their
// mean. A row's norm is what it can do to a score; ids that training hardly met have the least.

import { z } from "zod";
import { formatBytes } from "../base/format.ts";
import { allFinite, matrices, rangeOf, tablesOption } from "../engine/dense-pass.ts";
import { definePass } from "../kinds/pass.ts";
import { firstAlike } from "../tables/alike-rows.ts";
import { sharedRowsTable } from "../tables/shared-rows.ts";
import { f32Table, tableBytes } from "../tables/table.ts";

export default definePass({
  name: "prune-rows",
  summary: "Keep rows that repeat another one once, and those of least norm as one, with a map of ids.",
  options: z.strictObject({
    tables: tablesOption(matrices),
    share: z
      .number()
      .min(0)
      .lt(1)
      .default(0.5)
      .describe("Share of a table's rows, those of least norm, that become one."),
  }),
  tolerance({ share }, dense) {
    // A row is at most as far from the mean of others as the numbers reach.
    const [min, max] = rangeOf(dense);
    return share === 0 ? 0 : max - min;
  },
  encode(table, { tables, share }, _context, name) {
    if (!tables.includes(name)) return table;
    if (table.encoding !== "f32") return { refused: `its numbers are already ${table.encoding}` };
    const { rows, cols } = table;
    const data = table.tensors["data"] as Float32Array;
    if (!allFinite(data)) return { refused: "it holds numbers that are not finite" };
    const weak = leastRows(data, rows, cols, Math.floor(share * rows));
    const kept: Float32Array[] = weak.length > 0 ? [meanOf(data, cols, weak)] : [];
    const row = new Int32Array(rows).fill(-1);
    for (const r of weak) row[r] = 0;
    // Of rows that are alike the later are the weak ones: where one stays, so does the first of them.
    for (const [r, alike] of firstAlike(data, rows, cols).entries()) {
      if (row[r]! >= 0) continue;
      row[r] = alike < r ? row[alike]! : kept.push(data.subarray(r * cols, (r + 1) * cols)) - 1;
    }
    const values = new Float32Array(kept.length * cols);
    kept.forEach((one, k) => {
      values.set(one, k * cols);
    });
    const shared = sharedRowsTable(row, f32Table(kept.length, cols, values));
    const [before, after] = [tableBytes(table), tableBytes(shared)];
    if (after < before) return shared;
    return { refused: `it would not shrink: ${formatBytes(before)} to ${formatBytes(after)}` };
  },
});

/** The `count` rows of least norm; of equal ones the later. */
function leastRows(data: Float32Array, rows: number, cols: number, count: number): Int32Array {
  const norm = new Float64Array(rows);
  for (let i = 0; i < data.length; i++) norm[Math.floor(i / cols)]! += data[i]! * data[i]!;
  return Int32Array.from(norm.keys())
    .sort((a, b) => norm[a]! - norm[b]! || b - a)
    .subarray(0, count);
}

function meanOf(data: Float32Array, cols: number, rows: Int32Array): Float32Array {
  const mean = new Float32Array(cols);
  for (const r of rows) for (let x = 0; x < cols; x++) mean[x]! += data[r * cols + x]! / rows.length;
  return mean;
}
