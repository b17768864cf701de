// Static entropy coding of small symbols: range asymmetric numeral systems (Duda, arXiv 1311.2540) with byte-wise
// renormalisation. Not adaptive: the frequencies, out of 4096, stand in front of the stream.
//
//     push s: x → (x div f) · 4096 + c + x mod f        pop: s from x mod 4096, x → f · (x div 4096) + x mod 4096 - c

import { UserError } from "../base/errors.ts";
import { byteReader, byteWriter } from "./bytes.ts";

const BITS = 12;
const TOTAL = 1 << BITS;
const LOW = 1 << 23;
/** A stream may claim any number of symbols that need no bits: beyond this it is hostile. */
const MOST_SYMBOLS = 2 ** 28;

/** Codes symbols 0 … alphabet-1 (alphabet ≤ 256); decodeRans needs the same count and alphabet. */
export function encodeRans(symbols: Uint8Array, alphabet: number): Uint8Array {
  if (symbols.length === 0) return new Uint8Array(0);
  const frequency = frequencies(symbols, alphabet);
  const start = cumulative(frequency);
  // Backwards, so that decoding runs forwards. A symbol takes 12 bits at most, the state 4 bytes.
  const out = new Uint8Array(symbols.length * 2 + 4);
  let at = out.length;
  let x = LOW;
  for (let i = symbols.length - 1; i >= 0; i--) {
    const s = symbols[i]!;
    const f = frequency[s]!;
    for (const limit = (LOW >>> BITS) * 256 * f; x >= limit; x >>>= 8) out[--at] = x;
    x = Math.floor(x / f) * TOTAL + (x % f) + start[s]!;
  }
  for (let shift = 0; shift < 32; shift += 8) out[--at] = x >>> shift;
  const writer = byteWriter();
  for (let s = 0; s < alphabet; s++) {
    writer.varint(frequency[s]!);
    if (frequency[s]! > 0) continue;
    const first = s;
    while (s + 1 < alphabet && frequency[s + 1] === 0) s++;
    writer.varint(s - first);
  }
  writer.raw(out.subarray(at));
  return writer.done();
}

/** The `count` symbols of a stream; a stream that does not end exactly there is a UserError. */
export function decodeRans(bytes: Uint8Array, count: number, alphabet: number, what: string): Uint8Array {
  const damaged = () => new UserError(`${what}: the entropy-coded stream is damaged; seal the artifact again.`);
  if (count > MOST_SYMBOLS) throw damaged();
  if (count === 0 && bytes.length === 0) return new Uint8Array(0);
  const reader = byteReader(bytes, what);
  const frequency = new Uint16Array(alphabet);
  let total = 0;
  for (let s = 0; s < alphabet; s++) {
    const f = reader.varint();
    if (f === 0) s += reader.varint();
    else frequency[s] = Math.min(f, TOTAL + 1);
    total += f;
  }
  if (total !== TOTAL) throw damaged();
  const start = cumulative(frequency);
  const symbolAt = new Uint8Array(TOTAL);
  for (let s = 0; s < alphabet; s++) symbolAt.fill(s, start[s], start[s]! + frequency[s]!);
  const [b3, b2, b1, b0] = reader.raw(4);
  let x = ((b3! << 24) | (b2! << 16) | (b1! << 8) | b0!) >>> 0;
  const data = reader.rest();
  const symbols = new Uint8Array(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const slot = x & (TOTAL - 1);
    const s = symbolAt[slot]!;
    symbols[i] = s;
    x = frequency[s]! * (x >>> BITS) + slot - start[s]!;
    while (x < LOW && at < data.length) x = (x << 8) | data[at++]!;
  }
  if (x !== LOW || at !== data.length) throw damaged();
  return symbols;
}

/** Counts scaled to a sum of 4096, each symbol that occurs at least 1. */
function frequencies(symbols: Uint8Array, alphabet: number): Uint16Array {
  const counts = new Float64Array(alphabet);
  for (const s of symbols) counts[s]!++;
  const frequency = Uint16Array.from(counts, (c) => c && Math.max(1, Math.round((c * TOTAL) / symbols.length)));
  let missing = TOTAL - frequency.reduce((sum, f) => sum + f, 0);
  for (; missing !== 0; missing -= Math.sign(missing)) {
    let best = -1;
    let bestRatio = 0;
    for (let s = 0; s < alphabet; s++) {
      if (counts[s] === 0 || (missing < 0 && frequency[s] === 1)) continue;
      const ratio = missing > 0 ? counts[s]! / frequency[s]! : frequency[s]! / counts[s]!;
      if (ratio > bestRatio) [best, bestRatio] = [s, ratio];
    }
    frequency[best]! += Math.sign(missing);
  }
  return frequency;
}

function cumulative(frequency: Uint16Array): Uint16Array {
  const start = new Uint16Array(frequency.length);
  for (let s = 1; s < start.length; s++) start[s] = start[s - 1]! + frequency[s - 1]!;
  return start;
}
