// Numbers as bytes and back, and bytes one after another.

/** The bytes of an array, not copied. */
export const bytesOf = ({
  buffer,
  byteOffset,
  byteLength,
}: ArrayBufferView<ArrayBuffer | SharedArrayBuffer>): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

/** A copy of bytes that an array of any number type can lie over. */
export const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

/** All parts, one after another. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
