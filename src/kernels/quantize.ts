// FBGEMM's fused row formats (QuantUtils.cc) and IEEE half precision, bit for bit for finite input.
// int8: cols bytes, float32 scale, float32 bias. intN: ⌈cols·bits/8⌉ bytes (low bits first), half scale, half bias.

import { checkLength } from "./check.ts";
import type { Kernels } from "./kernels.ts";

/** Bytes of one packed row of `cols` numbers. */
export function packedRowBytes(cols: number, bits: 8 | 4 | 2): number {
  return bits === 8 ? cols + 8 : Math.ceil((cols * bits) / 8) + 4;
}

/** X (rows × cols) to rows × (cols + 8) bytes: q = round((x - min)·255 / (max - min + 1e-8)). */
export function quantizeInt8Rows(k: Kernels, X: Float32Array, rows: number, cols: number, out: Uint8Array): void {
  checkLength("X", X, rows * cols);
  checkLength("out", out, rows * packedRowBytes(cols, 8));
  if (cols > 0) k.exports["quantizeInt8Rows"]!(X.byteOffset, rows, cols, out.byteOffset);
}

/** The inverse: out = q·scale + bias, rows × cols. */
export function dequantizeInt8Rows(
  k: Kernels,
  packed: Uint8Array,
  rows: number,
  cols: number,
  out: Float32Array,
): void {
  checkLength("packed", packed, rows * packedRowBytes(cols, 8));
  checkLength("out", out, rows * cols);
  k.exports["dequantizeInt8Rows"]!(packed.byteOffset, rows, cols, out.byteOffset);
}

/** X (rows × cols) to rows × (⌈cols·bits/8⌉ + 4) bytes: q = clamp(round((x - bias) / scale)), bias and scale halves. */
export function quantizeIntNRows(
  k: Kernels,
  X: Float32Array,
  rows: number,
  cols: number,
  bits: 2 | 4,
  out: Uint8Array,
): void {
  checkLength("X", X, rows * cols);
  checkLength("out", out, rows * packedRowBytes(cols, bits));
  if (cols > 0) k.exports["quantizeIntNRows"]!(X.byteOffset, rows, cols, bits, out.byteOffset);
}

/** The inverse: out = q·scale + bias, rows × cols. */
export function dequantizeIntNRows(
  k: Kernels,
  packed: Uint8Array,
  rows: number,
  cols: number,
  bits: 2 | 4,
  out: Float32Array,
): void {
  checkLength("packed", packed, rows * packedRowBytes(cols, bits));
  checkLength("out", out, rows * cols);
  k.exports["dequantizeIntNRows"]!(packed.byteOffset, rows, cols, bits, out.byteOffset);
}

/** The nearest halves, ties to even, overflow to infinity; out is X.length halves as bytes or as uint16. */
export function toHalf(k: Kernels, X: Float32Array, out: Uint8Array | Uint16Array): void {
  checkLength("X", X, X.length);
  checkLength("out", out, (2 * X.length) / out.BYTES_PER_ELEMENT);
  k.exports["toHalf"]!(X.byteOffset, X.length, out.byteOffset);
}

/** The float32 numbers that halves stand for, exactly. */
export function fromHalf(k: Kernels, halves: Uint8Array | Uint16Array, out: Float32Array): void {
  checkLength("out", out, out.length);
  checkLength("halves", halves, (2 * out.length) / halves.BYTES_PER_ELEMENT);
  k.exports["fromHalf"]!(halves.byteOffset, out.length, out.byteOffset);
}

/** The nearest halves of numbers from outside kernel memory, as an array of its own. */
export function halvesOf(k: Kernels, numbers: Float32Array): Uint16Array {
  const scope = k.scope();
  try {
    const out = scope.u8(numbers.length * 2);
    toHalf(k, scope.copy(numbers), out);
    return new Uint16Array(new Uint8Array(out).buffer);
  } finally {
    scope.free();
  }
}
