// Drop the smallest numbers: of n, the round((1 - sparsity) · n) of largest magnitude stay, over the whole table
// (equal magnitudes: the earlier place stays). What stays is packed as sparse rows (tables/sparse.ts).

import { z } from "zod";
import { formatBytes } from "../base/format.ts";
import { allFinite, matrices, tablesOption } from "../engine/dense-pass.ts";
import { definePass } from "../kinds/pass.ts";
import { decodeSparse, type SparseRows, sparseTable } from "../tables/sparse.ts";
import { type Table, tableBytes } from "../tables/table.ts";

export default definePass({
  name: "prune-magnitude",
  summary: "Set the numbers of smallest magnitude to 0 and store only the others.",
  options: z.strictObject({
    tables: tablesOption(matrices),
    sparsity: z.number().min(0).lt(1).default(0.5).describe("The share of a table's numbers that becomes 0."),
  }),
  tolerance(options, dense) {
    return thresholdOf(dense, keptOf(options.sparsity, dense.length)).magnitude;
  },
  encode(table, options, _context, name) {
    if (!options.tables.includes(name)) return table;
    const inner = table.encoding === "sparse" ? table.values : table;
    if (inner?.encoding !== "f32") return { refused: `its numbers are already ${inner?.encoding}` };
    const { rows, cols } = table;
    if (rows * cols >= 2 ** 32) return { refused: "it has too many places" };
    const whole = table.encoding === "sparse" ? decodeSparse(table) : denseRows(table);
    if (!allFinite(whole.values)) return { refused: "it holds numbers that are not finite" };
    const pruned = sparseTable(rows, cols, largest(whole, rows, keptOf(options.sparsity, rows * cols)));
    const [before, after] = [tableBytes(table), tableBytes(pruned)];
    if (after < before) return pruned;
    return { refused: `it would not shrink: ${formatBytes(before)} to ${formatBytes(after)}` };
  },
});

const keptOf = (sparsity: number, numbers: number) => Math.round((1 - sparsity) * numbers);

function denseRows({ rows, cols, tensors }: Table): SparseRows {
  const values = tensors["data"] as Float32Array;
  const indptr = Int32Array.from({ length: rows + 1 }, (_, r) => r * cols);
  const indices = new Int32Array(values.length);
  for (let i = 0, c = 0; i < indices.length; i++, c = c + 1 === cols ? 0 : c + 1) indices[i] = c;
  return { indptr, indices, values };
}

/** The `kept` numbers of largest magnitude that are not 0. */
function largest({ indptr, indices, values }: SparseRows, rows: number, kept: number): SparseRows {
  const threshold = thresholdOf(values, kept);
  let { ties } = threshold;
  const out = { indptr: new Int32Array(rows + 1), indices: new Int32Array(kept), values: new Float32Array(kept) };
  let n = 0;
  for (let r = 0; r < rows; r++) {
    for (let at = indptr[r]!; at < indptr[r + 1]!; at++) {
      const magnitude = Math.abs(values[at]!);
      if (magnitude < threshold.magnitude || magnitude === 0) continue;
      if (magnitude === threshold.magnitude && ties-- <= 0) continue;
      out.indices[n] = indices[at]!;
      out.values[n++] = values[at]!;
    }
    out.indptr[r + 1] = n;
  }
  return { indptr: out.indptr, indices: out.indices.subarray(0, n), values: out.values.subarray(0, n) };
}

/**
 * The magnitude of the `kept`-th largest number, and how many of that very magnitude are among the kept.
 * Floats without their sign order as their bits: two passes of counting, by the upper and the lower 16 bits.
 */
function thresholdOf(values: Float32Array, kept: number): { magnitude: number; ties: number } {
  if (kept === 0) return { magnitude: values.reduce((most, x) => Math.max(most, Math.abs(x)), 0), ties: 0 };
  const bits = new Uint32Array(values.slice().buffer);
  for (let i = 0; i < bits.length; i++) bits[i]! &= 0x7fffffff;
  const upper = bucketOf(bits, kept, (b) => b >>> 16);
  const lower = bucketOf(bits, upper.left, (b) => (b >>> 16 === upper.bucket ? b & 0xffff : -1));
  const word = Uint32Array.of(upper.bucket * 65536 + lower.bucket);
  return { magnitude: new Float32Array(word.buffer)[0]!, ties: lower.left };
}

/** The bucket that holds the `kept`-th largest, and its place within that bucket, from 1. */
function bucketOf(
  bits: Uint32Array,
  kept: number,
  bucketAt: (bits: number) => number,
): { bucket: number; left: number } {
  const counts = new Uint32Array(65536);
  for (let i = 0; i < bits.length; i++) {
    const bucket = bucketAt(bits[i]!);
    if (bucket >= 0) counts[bucket]!++;
  }
  let left = kept;
  let bucket = 65535;
  while (bucket > 0 && left > counts[bucket]!) left -= counts[bucket--]!;
  return { bucket, left: Math.min(left, counts[bucket]!) };
}
