// f16: `data` holds rows × cols IEEE binary16 numbers as their bits, row-major.

import { type Encoding, expectTensors } from "./encoding.ts";
import { fromHalf } from "./half.ts";

export const f16: Encoding = {
  check: (table) => expectTensors(table, { data: { type: [Uint16Array], length: table.rows * table.cols } }),
  decode(table, from, to) {
    const data = table.tensors["data"] as Uint16Array;
    const out = new Float32Array((to - from) * table.cols);
    const start = from * table.cols;
    for (let i = 0; i < out.length; i++) out[i] = fromHalf(data[start + i]!);
    return out;
  },
};
