// Growing and reading byte strings: unsigned LEB128 numbers and raw runs. A reader never runs past its end.

import { UserError } from "../base/errors.ts";

export interface ByteWriter {
  /** Appends an unsigned integer below 2⁵³ in LEB128 (7 bits a byte, low bits first). */
  varint(value: number): void;
  raw(bytes: Uint8Array): void;
  done(): Uint8Array;
}

/** An empty byte string to append to. */
export function byteWriter(): ByteWriter {
  let buffer = new Uint8Array(256);
  let length = 0;
  const room = (n: number) => {
    if (length + n <= buffer.length) return;
    const bigger = new Uint8Array(Math.max(buffer.length * 2, length + n));
    bigger.set(buffer.subarray(0, length));
    buffer = bigger;
  };
  return {
    varint(value) {
      room(8);
      let rest = value;
      while (rest >= 128) {
        buffer[length++] = (rest % 128) + 128;
        rest = Math.floor(rest / 128);
      }
      buffer[length++] = rest;
    },
    raw(bytes) {
      room(bytes.length);
      buffer.set(bytes, length);
      length += bytes.length;
    },
    done: () => buffer.slice(0, length),
  };
}

export interface ByteReader {
  varint(): number;
  raw(length: number): Uint8Array;
  /** All bytes that are left. */
  rest(): Uint8Array;
}

/** Reads `bytes` front to back; reading past the end is a UserError that starts with `what`. */
export function byteReader(bytes: Uint8Array, what: string): ByteReader {
  let at = 0;
  const cut = (): never => {
    throw new UserError(`${what}: the data ends before it should, at byte ${at}; the file is damaged, seal it again.`);
  };
  return {
    varint() {
      let value = 0;
      for (let weight = 1; weight <= 2 ** 49; weight *= 128) {
        const byte = at < bytes.length ? bytes[at++]! : cut();
        value += (byte & 127) * weight;
        if (byte < 128) return value <= Number.MAX_SAFE_INTEGER ? value : cut();
      }
      return cut();
    },
    raw(length) {
      if (at + length > bytes.length) cut();
      at += length;
      return bytes.subarray(at - length, at);
    },
    rest() {
      const left = bytes.subarray(at);
      at = bytes.length;
      return left;
    },
  };
}
