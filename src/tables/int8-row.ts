// int8-row: FBGEMM's fused 8-bit rows (QuantUtils.cc): a row is its `cols` bytes q, then float32 scale, float32 bias,
// all in one `data`:  x = q · scale + bias.

import { type Encoding, expectTensors } from "./encoding.ts";

/** Bytes of one row. */
export const int8RowBytes = (cols: number): number => cols + 8;

export const int8Row: Encoding = {
  check(table) {
    expectTensors(table, { data: { type: [Uint8Array], length: table.rows * int8RowBytes(table.cols) } });
  },
  decode(table, from, to) {
    const data = table.tensors["data"] as Uint8Array;
    const { cols } = table;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const out = new Float32Array((to - from) * cols);
    for (let row = from, at = 0; row < to; row++) {
      const start = row * int8RowBytes(cols);
      const scale = view.getFloat32(start + cols, true);
      const bias = view.getFloat32(start + cols + 4, true);
      for (let c = 0; c < cols; c++) out[at++] = data[start + c]! * scale + bias;
    }
    return out;
  },
};
