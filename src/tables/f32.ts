// f32: `data` holds rows × cols float32 numbers, row-major.

import { type Encoding, expectTensors } from "./encoding.ts";

export const f32: Encoding = {
  check: (table) => expectTensors(table, { data: { type: [Float32Array], length: table.rows * table.cols } }),
  decode: (table, from, to) => (table.tensors["data"] as Float32Array).slice(from * table.cols, to * table.cols),
};
