// Row quantisers and their inverses on 100,000 rows of 64, one thread, as GB of float32 a second.

import { bench } from "mitata";
import { createRng } from "../src/base/rng.ts";
import {
  dequantizeInt8Rows,
  dequantizeIntNRows,
  fromHalf,
  packedRowBytes,
  quantizeInt8Rows,
  quantizeIntNRows,
  toHalf,
} from "../src/kernels/quantize.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const ROWS = 100_000;
const WIDTH = 64;

const k = await openKernels(1);
const s = k.scope();
const rng = createRng("quantize bench");
const X = s.f32(ROWS * WIDTH);
X.forEach((_, i) => {
  X[i] = rng.uniform() - 0.5;
});
const back = s.f32(ROWS * WIDTH);
const halves = s.u8(2 * X.length);
const int8 = s.u8(ROWS * packedRowBytes(WIDTH, 8));

bench("int8", () => quantizeInt8Rows(k, X, ROWS, WIDTH, int8));
bench("int8 back", () => dequantizeInt8Rows(k, int8, ROWS, WIDTH, back));
for (const bits of [4, 2] as const) {
  const packed = s.u8(ROWS * packedRowBytes(WIDTH, bits));
  bench(`int${bits}`, () => quantizeIntNRows(k, X, ROWS, WIDTH, bits, packed));
  bench(`int${bits} back`, () => dequantizeIntNRows(k, packed, ROWS, WIDTH, bits, back));
}
bench("half", () => toHalf(k, X, halves));
bench("half back", () => fromHalf(k, halves, back));

/** GB of float32 read or written a second. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [`${name}, GB/s`, (4 * X.length) / ns]));
