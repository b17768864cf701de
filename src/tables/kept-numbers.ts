// Numbers that many rows share (codebooks) as they ship: IEEE binary16, or 8 bits around 128 with one scale,
// x = scale · (q - 128).

import type { TensorType } from "./encoding.ts";
import { fromHalf } from "./half.ts";

export interface KeptNumbers {
  readonly numbers: Uint16Array | Uint8Array;
  /** Of numbers in 8 bits. */
  readonly scale?: number | undefined;
}

export const halfOrByte: readonly TensorType[] = [Uint16Array, Uint8Array];

/** Numbers that are kept alike, one after another. */
export function joined(kept: readonly KeptNumbers[]): KeptNumbers["numbers"] {
  const length = kept.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const all = kept[0]?.scale === undefined ? new Uint16Array(length) : new Uint8Array(length);
  let at = 0;
  for (const { numbers } of kept) {
    all.set(numbers, at);
    at += numbers.length;
  }
  return all;
}

export const readKept = ({ numbers, scale }: KeptNumbers): Float32Array =>
  scale === undefined ? Float32Array.from(numbers, fromHalf) : Float32Array.from(numbers, (q) => scale * (q - 128));
