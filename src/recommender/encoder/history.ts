// A history as an encoder reads it: the rows of its latest items at the end, zeros and a mask of 0 before them.

import type { Encoder } from "./encoder.ts";

export interface EncoderInput {
  /** [batch, length, width]. */
  readonly rows: Float32Array;
  /** [batch, length]. */
  readonly mask: Float32Array;
}

/** The input for a batch of histories, each the earliest first; `copyRow` writes the row of an item. */
export function encoderInput(
  { length: most, width }: Encoder,
  histories: readonly Int32Array[],
  copyRow: (item: number, into: Float32Array) => void,
): EncoderInput {
  const longest = histories.reduce((n, history) => Math.max(n, history.length), 1);
  const length = Math.min(longest, most);
  const rows = new Float32Array(histories.length * length * width);
  const mask = new Float32Array(histories.length * length);
  for (const [b, history] of histories.entries()) {
    const latest = history.subarray(Math.max(0, history.length - length));
    for (const [i, item] of latest.entries()) {
      const at = (b + 1) * length - latest.length + i;
      copyRow(item, rows.subarray(at * width, (at + 1) * width));
      mask[at] = 1;
    }
  }
  return { rows, mask };
}
