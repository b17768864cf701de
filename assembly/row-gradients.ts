// Gradients of the rows of an embedding table, one for each lookup, joined by row: a row that is looked up again adds to
// the gradient of its first lookup. Most lookups of a batch are of rows not seen before and cost no copy.

import { AHEAD } from "./ahead";
import { addRow, copyRow, sumSquares } from "./rows";

/**
 * Joins lookups `lookups` … lookups+n-1, which are of rows ids[0 … n-1], in their order. slotOf holds a row's slot plus
 * 1, or 0 for a row not seen yet, which gets the next slot; first[slot] is the lookup whose gradient is the row's sum.
 * Returns the number of slots in use.
 */
export function joinLookups(
  ids: usize, slotOf: usize, touched: usize, first: usize, gradients: usize,
  slots: i32, lookups: i32, n: i32, width: i32,
): i32 {
  const bytes = <usize>width << 2;
  for (let start = 0; start < n; start += AHEAD) {
    const end = min(n, start + AHEAD);
    for (let t = start; t < end; t++) load<i32>(slotOf + (<usize>load<i32>(ids + (<usize>t << 2)) << 2));
    for (let t = start; t < end; t++) {
      const row = load<i32>(ids + (<usize>t << 2));
      const at = slotOf + (<usize>row << 2);
      const lookup = lookups + t;
      const slot = load<i32>(at);
      if (slot > 0) {
        const sum = <usize>load<i32>(first + (<usize>(slot - 1) << 2));
        addRow(gradients + sum * bytes, gradients + <usize>lookup * bytes, bytes);
      } else {
        store<i32>(touched + (<usize>slots << 2), row);
        store<i32>(first + (<usize>slots << 2), lookup);
        store<i32>(at, ++slots);
      }
    }
  }
  return slots;
}

/** slotOf[touched[s]] = 0: forgets the slots at the cost of the rows that had one. */
export function clearSlots(slotOf: usize, touched: usize, slots: i32): void {
  const end = touched + (<usize>slots << 2);
  for (let p = touched; p < end; p += 4) store<i32>(slotOf + (<usize>load<i32>(p) << 2), 0);
}

/** Σ x² of the rows' gradients. */
export function squaresOfSlots(first: usize, gradients: usize, slots: i32, width: i32): f64 {
  const bytes = <usize>width << 2;
  let squares: f64 = 0;
  for (let s = 0; s < slots; s++) {
    squares += sumSquares(gradients + <usize>load<i32>(first + (<usize>s << 2)) * bytes, width);
  }
  return squares;
}

/** Moves the rows' gradients to the front, in the order of slots. */
export function packSlots(first: usize, gradients: usize, slots: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let s = 0; s < slots; s++) {
    const at = first + (<usize>s << 2);
    // A slot's first lookup is never before its own number, nor before an earlier slot's.
    copyRow(gradients + <usize>s * bytes, gradients + <usize>load<i32>(at) * bytes, bytes);
    store<i32>(at, s);
  }
}
