// codebook: every number is one of at most 256 levels. `levels` holds them (float16 bits or float32), `indices` which
// level each number is, row-major, entropy-coded (rans.ts).

import { UserError } from "../base/errors.ts";
import { describeTable, type Encoding, expectTensors } from "./encoding.ts";
import { fromHalf } from "./half.ts";
import { decodeRans, encodeRans } from "./rans.ts";
import type { Table } from "./table.ts";

export const codebook: Encoding = {
  whole: true,
  check(table) {
    expectTensors(table, { levels: { type: [Uint16Array, Float32Array] }, indices: { type: [Uint8Array] } });
    const { length } = table.tensors["levels"]!;
    if (length >= 1 && length <= 256) return;
    throw new UserError(`${describeTable(table)}: a codebook has 1 to 256 levels, got ${length}; seal it again.`);
  },
  decode(table, from, to) {
    const levels = codebookLevels(table);
    const indices = codebookIndices(table).subarray(from * table.cols, to * table.cols);
    const out = new Float32Array(indices.length);
    for (let i = 0; i < out.length; i++) out[i] = levels[indices[i]!]!;
    return out;
  },
};

/** A table of the numbers levels[indices[i]]; the entropy coding happens here. */
export function codebookTable(
  rows: number,
  cols: number,
  levels: Uint16Array | Float32Array,
  indices: Uint8Array,
): Table {
  const tensors = { levels, indices: encodeRans(indices, levels.length) };
  return { encoding: "codebook", rows, cols, tensors };
}

/** The levels as float32. */
export function codebookLevels(table: Table): Float32Array {
  const levels = table.tensors["levels"]!;
  return levels instanceof Uint16Array ? Float32Array.from(levels, fromHalf) : (levels as Float32Array);
}

/** Which level each of the rows × cols numbers is. */
export function codebookIndices(table: Table): Uint8Array {
  const { indices, levels } = table.tensors;
  return decodeRans(indices as Uint8Array, table.rows * table.cols, levels!.length, describeTable(table));
}
