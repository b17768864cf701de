// Gradients of the rows of an embedding table, one for each lookup, joined by row: the lookups of a row are a list, which
// its next step sums up in their order. Most lookups of a batch are of rows not seen before and cost no copy.

import { AHEAD } from "./ahead";
import { addRow, copyRow, sumSquares } from "./rows";

/**
 * Joins lookups `lookups` … lookups+n-1, which are of rows ids[0 … n-1], in their order. slotOf holds a row's slot plus
 * 1, or 0 for a row not seen yet, which gets the next slot. A slot's lookups form a ring: last[slot] is the last one,
 * next[last[slot]] the first. Returns the number of slots in use.
 */
export function joinLookups(
  ids: usize, slotOf: usize, touched: usize, last: usize, next: usize, slots: i32, lookups: i32, n: i32,
): i32 {
  for (let start = 0; start < n; start += AHEAD) {
    const end = min(n, start + AHEAD);
    for (let t = start; t < end; t++) load<i32>(slotOf + (<usize>load<i32>(ids + (<usize>t << 2)) << 2));
    for (let t = start; t < end; t++) {
      const row = load<i32>(ids + (<usize>t << 2));
      const at = slotOf + (<usize>row << 2);
      const lookup = lookups + t;
      const slot = load<i32>(at);
      let first = lookup;
      if (slot > 0) {
        const before = next + (<usize>load<i32>(last + (<usize>(slot - 1) << 2)) << 2);
        first = load<i32>(before);
        store<i32>(before, lookup);
        store<i32>(last + (<usize>(slot - 1) << 2), lookup);
      } else {
        store<i32>(touched + (<usize>slots << 2), row);
        store<i32>(last + (<usize>slots << 2), lookup);
        store<i32>(at, ++slots);
      }
      store<i32>(next + (<usize>lookup << 2), first);
    }
  }
  return slots;
}

/** Adds each ring up to its first lookup, which then is all of it: last[s] is where slot s has its sum. */
export function sumSlots(last: usize, next: usize, gradients: usize, slots: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let s = 0; s < slots; s++) {
    const end = load<i32>(last + (<usize>s << 2));
    const first = load<i32>(next + (<usize>end << 2));
    if (first == end) continue;
    const sum = gradients + <usize>first * bytes;
    let at = first;
    do {
      at = load<i32>(next + (<usize>at << 2));
      addRow(sum, gradients + <usize>at * bytes, bytes);
    } while (at != end);
    store<i32>(next + (<usize>first << 2), first);
    store<i32>(last + (<usize>s << 2), first);
  }
}

/** slotOf[touched[s]] = 0: forgets the slots at the cost of the rows that had one. */
export function clearSlots(slotOf: usize, touched: usize, slots: i32): void {
  const end = touched + (<usize>slots << 2);
  for (let p = touched; p < end; p += 4) store<i32>(slotOf + (<usize>load<i32>(p) << 2), 0);
}

/** Σ x² of the rows' gradients, which are summed. */
export function squaresOfSlots(last: usize, gradients: usize, slots: i32, width: i32): f64 {
  const bytes = <usize>width << 2;
  let squares: f64 = 0;
  for (let s = 0; s < slots; s++) {
    squares += sumSquares(gradients + <usize>load<i32>(last + (<usize>s << 2)) * bytes, width);
  }
  return squares;
}

/** Moves the rows' gradients, which are summed, to the front in the order of slots. */
export function packSlots(last: usize, next: usize, gradients: usize, slots: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let s = 0; s < slots; s++) {
    const at = last + (<usize>s << 2);
    // A slot's first lookup is never before its own number, nor before an earlier slot's.
    copyRow(gradients + <usize>s * bytes, gradients + <usize>load<i32>(at) * bytes, bytes);
    store<i32>(at, s);
    store<i32>(next + (<usize>s << 2), s);
  }
}
