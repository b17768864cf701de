// f16 and bf16: `data` holds rows × cols numbers of 16 bits as their bits, row-major: IEEE binary16, or the upper half of
// a binary32.

import { type Encoding, expectTensors } from "./encoding.ts";
import { fromHalf } from "./half.ts";

const sixteenBits = (widen: (bits: Uint16Array) => Float32Array): Encoding => ({
  check: (table) => expectTensors(table, { data: { type: [Uint16Array], length: table.rows * table.cols } }),
  decode: ({ tensors, cols }, from, to) => widen((tensors["data"] as Uint16Array).subarray(from * cols, to * cols)),
});

export const f16 = sixteenBits((bits) => Float32Array.from(bits, fromHalf));
export const bf16 = sixteenBits((bits) => new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer));

/** The nearest upper half of each finite number, ties to even: its bits. */
export const upperHalves = (data: Float32Array): Uint16Array =>
  Uint16Array.from(
    new Uint32Array(data.buffer, data.byteOffset, data.length),
    (bits) => (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16,
  );
