// Entropy-coded lists of unsigned 32-bit numbers that are mostly small: the distances between ascending positions.
// A number below 8 is a symbol of its own; a larger one is a symbol for its top three bits, then its other bits raw.

import { UserError } from "../base/errors.ts";
import { byteReader, byteWriter } from "./bytes.ts";
import { decodeRans, encodeRans } from "./rans.ts";

const ALPHABET = 124;

/** Codes integers of [0, 2³²); decodeGaps needs their count. */
export function encodeGaps(gaps: Uint32Array): Uint8Array {
  const symbols = new Uint8Array(gaps.length);
  const bits = new Uint8Array(gaps.length * 4 + 8);
  let at = 0;
  for (let i = 0; i < gaps.length; i++) {
    const gap = gaps[i]!;
    if (gap < 8) {
      symbols[i] = gap;
      continue;
    }
    const raw = 29 - Math.clz32(gap);
    symbols[i] = 8 + (raw - 1) * 4 + ((gap >>> raw) & 3);
    for (let b = 0; b < raw; b++, at++) bits[at >>> 3]! |= ((gap >>> b) & 1) << (at & 7);
  }
  const coded = encodeRans(symbols, ALPHABET);
  const writer = byteWriter();
  writer.varint(coded.length);
  writer.raw(coded);
  writer.raw(bits.subarray(0, (at + 7) >>> 3));
  return writer.done();
}

/** The `count` numbers of a stream; a damaged one is a UserError that starts with `what`. */
export function decodeGaps(bytes: Uint8Array, count: number, what: string): Uint32Array {
  const reader = byteReader(bytes, what);
  const symbols = decodeRans(reader.raw(reader.varint()), count, ALPHABET, what);
  const bits = reader.rest();
  const gaps = new Uint32Array(count);
  let held = 0;
  let heldBits = 0;
  let at = 0;
  for (let i = 0; i < count; i++) {
    const s = symbols[i]!;
    if (s < 8) {
      gaps[i] = s;
      continue;
    }
    const raw = ((s - 8) >>> 2) + 1;
    // At most 7 + 29 bits are held: beyond 32, so by multiplication and not by shifts.
    while (heldBits < raw) {
      held += bits[at++]! * 2 ** heldBits;
      heldBits += 8;
    }
    const size = 2 ** raw;
    gaps[i] = (4 + ((s - 8) & 3)) * size + (held % size);
    held = Math.floor(held / size);
    heldBits -= raw;
  }
  if (at !== bits.length || held !== 0) {
    throw new UserError(`${what}: ${bits.length} bytes of low bits do not match; seal the artifact again.`);
  }
  return gaps;
}
