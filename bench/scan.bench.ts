// Scans of 500,000 rows by one query: float32, int8 and int4 rows, and top 20 of the scores.

import { bench } from "mitata";
import { createRng } from "../src/base/rng.ts";
import { packedRowBytes, quantizeInt8Rows, quantizeIntNRows } from "../src/kernels/quantize.ts";
import { scanF32, scanF32Parallel, scanPacked, scanPackedParallel } from "../src/kernels/scan.ts";
import { topk } from "../src/kernels/topk.ts";
import { openKernels } from "../src/node/threads.ts";
import type { Figures } from "./case.ts";

const ROWS = 500_000;
const WIDTH = 64;

const k = await openKernels();
const s = k.scope();
const rng = createRng("scan bench");
const rows = s.f32(ROWS * WIDTH);
rows.forEach((_, i) => {
  rows[i] = rng.uniform() - 0.5;
});
const query = s.copy(Float32Array.from({ length: WIDTH }, () => rng.normal()));
const int8 = s.u8(ROWS * packedRowBytes(WIDTH, 8));
const int4 = s.u8(ROWS * packedRowBytes(WIDTH, 4));
quantizeInt8Rows(k, rows, ROWS, WIDTH, int8);
quantizeIntNRows(k, rows, ROWS, WIDTH, 4, int4);
const out = s.f32(ROWS);
const [none, items, scores] = [s.i32(0), s.i32(20), s.f32(20)];

bench("f32", () => scanF32(k, query, rows, ROWS, WIDTH, out));
bench("int8", () => scanPacked(k, 8, query, int8, ROWS, WIDTH, out));
bench("int4", () => scanPacked(k, 4, query, int4, ROWS, WIDTH, out));
bench("f32, all threads", () => scanF32Parallel(k, query, rows, ROWS, WIDTH, out));
bench("int8, all threads", () => scanPackedParallel(k, 8, query, int8, ROWS, WIDTH, out));
bench("int4, all threads", () => scanPackedParallel(k, 4, query, int4, ROWS, WIDTH, out));
bench("top 20", () => topk(k, out, ROWS, none, 20, items, scores));

/** Nanoseconds a row. */
export default (medianNs: Readonly<Record<string, number>>): Figures =>
  Object.fromEntries(Object.entries(medianNs).map(([name, ns]) => [`${name}, ns/row`, ns / ROWS]));
