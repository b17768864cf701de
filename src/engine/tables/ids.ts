// The ids of lookups as callers have them: int32, or the int64 of ONNX graphs.

/** Rows of a table, in any order and with repeats. */
export type Ids = Int32Array | BigInt64Array;

/** Throws RangeError unless every id is in [0, rows). */
export function checkIds(ids: Ids, rows: number): void {
  const wide = ids instanceof Int32Array ? 1 : 2;
  const words = wordsOf(ids);
  for (let t = 0; t < words.length; t += wide) {
    if (words[t]! >>> 0 >= rows || (wide === 2 && words[t + 1] !== 0)) {
      throw new RangeError(`ids[${t / wide}] must be from 0 to ${rows - 1}, got ${ids[t / wide]}`);
    }
  }
}

/** The same memory as int32: an int64 is two words, the low one first. A bigint for each id would cost far more. */
export const wordsOf = (ids: Ids): Int32Array =>
  ids instanceof Int32Array ? ids : new Int32Array(ids.buffer, ids.byteOffset, 2 * ids.length);

/** Divides ids, which are checked, into ranges of `span` rows: each range's own numbers, and which lookups they are. */
export function divideIds(ids: Ids, span: number, ranges: number): { own: Int32Array; from: Int32Array }[] {
  const words = wordsOf(ids);
  const wide = ids instanceof Int32Array ? 1 : 2;
  const counts = new Int32Array(ranges);
  for (let t = 0; t < ids.length; t++) counts[Math.floor(words[t * wide]! / span)]!++;
  const found = Array.from(counts, (n) => ({ own: new Int32Array(n), from: new Int32Array(n) }));
  counts.fill(0);
  for (let t = 0; t < ids.length; t++) {
    const id = words[t * wide]!;
    const range = Math.floor(id / span);
    const i = counts[range]!++;
    found[range]!.own[i] = id - range * span;
    found[range]!.from[i] = t;
  }
  return found;
}
