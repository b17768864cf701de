// What int4-row and int2-row share: FBGEMM's fused sub-byte rows (QuantUtils.cc). A row is its numbers packed low bits
// first, then float16 scale, float16 bias:  x = q · scale + bias.

import { type Encoding, expectTensors } from "./encoding.ts";
import { fromHalf } from "./half.ts";

/** Bytes of one row of `cols` numbers of 4 or 2 bits. */
export const packedRowBytes = (cols: number, bits: 4 | 2): number => Math.ceil((cols * bits) / 8) + 4;

export const packedRow = (bits: 4 | 2): Encoding => ({
  check(table) {
    expectTensors(table, { data: { type: [Uint8Array], length: table.rows * packedRowBytes(table.cols, bits) } });
  },
  decode(table, from, to) {
    const data = table.tensors["data"] as Uint8Array;
    const { cols } = table;
    const rowBytes = packedRowBytes(cols, bits);
    const perByte = 8 / bits;
    const mask = (1 << bits) - 1;
    const levels = new Float32Array(mask + 1);
    const out = new Float32Array((to - from) * cols);
    for (let row = from, at = 0; row < to; row++) {
      const start = row * rowBytes;
      const tail = start + rowBytes - 4;
      const scale = fromHalf(data[tail]! | (data[tail + 1]! << 8));
      const bias = fromHalf(data[tail + 2]! | (data[tail + 3]! << 8));
      for (let q = 0; q <= mask; q++) levels[q] = q * scale + bias;
      for (let c = 0; c < cols; c++) {
        out[at++] = levels[(data[start + Math.floor(c / perByte)]! >>> ((c % perByte) * bits)) & mask]!;
      }
    }
    return out;
  },
});
