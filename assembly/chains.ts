// Lookups of an embedding table, chained by row: the gradients of a row that was looked up several times are summed in
// the order of its lookups, whatever thread does it, and only where the row is updated.

import { AHEAD } from "./ahead";
import { copyRow, sumSquares } from "./rows";

/**
 * Chains lookups by row: lookup lookups+t is of row ids[t]. slotOf holds a row's slot plus 1, or 0 for a row not seen
 * yet, which gets the next slot; first and last are a slot's lookups, next[lookup] the following one or -1.
 * Returns the number of slots in use.
 */
export function chainRows(
  ids: usize, slotOf: usize, touched: usize, first: usize, last: usize, next: usize, slots: i32, lookups: i32, n: i32,
): i32 {
  for (let start = 0; start < n; start += AHEAD) {
    const end = min(n, start + AHEAD);
    for (let t = start; t < end; t++) load<i32>(slotOf + (<usize>load<i32>(ids + (<usize>t << 2)) << 2));
    for (let t = start; t < end; t++) {
      const row = load<i32>(ids + (<usize>t << 2));
      const at = slotOf + (<usize>row << 2);
      const lookup = lookups + t;
      let slot = load<i32>(at);
      if (slot > 0) {
        const end = last + (<usize>(slot - 1) << 2);
        store<i32>(next + (<usize>load<i32>(end) << 2), lookup);
        store<i32>(end, lookup);
      } else {
        store<i32>(touched + (<usize>slots << 2), row);
        store<i32>(first + (<usize>slots << 2), lookup);
        store<i32>(last + (<usize>slots << 2), lookup);
        store<i32>(at, ++slots);
      }
      store<i32>(next + (<usize>lookup << 2), -1);
    }
  }
  return slots;
}

/** slotOf[touched[s]] = 0: forgets the slots at the cost of the rows that had one. */
export function clearSlots(slotOf: usize, touched: usize, slots: i32): void {
  const end = touched + (<usize>slots << 2);
  for (let p = touched; p < end; p += 4) store<i32>(slotOf + (<usize>load<i32>(p) << 2), 0);
}

/** Sums the chains of n slots into their first lookups; returns Σ x² of the sums. */
export function sumChains(first: usize, next: usize, gradients: usize, n: i32, width: i32): f64 {
  let squares: f64 = 0;
  for (let s = 0; s < n; s++) squares += sumSquares(chainSum(first + (<usize>s << 2), next, gradients, width), width);
  return squares;
}

/** Moves the sums of all slots to the front, in the order of slots; they must be summed. */
export function packChains(first: usize, last: usize, next: usize, gradients: usize, slots: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let s = 0; s < slots; s++) {
    const at = <usize>s << 2;
    // A slot's first lookup is never before its own number, nor before an earlier slot's.
    copyRow(gradients + <usize>s * bytes, gradients + <usize>load<i32>(first + at) * bytes, bytes);
    store<i32>(first + at, s);
    store<i32>(last + at, s);
    store<i32>(next + at, -1);
  }
}

/** Sums the chain of lookups that starts at load(first) into its first row, in order, and returns that row's address. */
// @ts-ignore: decorator
@inline
export function chainSum(first: usize, next: usize, gradients: usize, width: i32): usize {
  const bytes = <usize>width << 2;
  const head = load<i32>(first);
  const start = next + (<usize>head << 2);
  const sum = gradients + <usize>head * bytes;
  if (load<i32>(start) >= 0) {
    let k: usize = 0;
    for (; k + 64 <= bytes; k += 64) {
      let a = v128.load(sum + k), b = v128.load(sum + k, 16), c = v128.load(sum + k, 32), d = v128.load(sum + k, 48);
      for (let t = load<i32>(start); t >= 0; t = load<i32>(next + (<usize>t << 2))) {
        const x = gradients + <usize>t * bytes + k;
        a = f32x4.add(a, v128.load(x));
        b = f32x4.add(b, v128.load(x, 16));
        c = f32x4.add(c, v128.load(x, 32));
        d = f32x4.add(d, v128.load(x, 48));
      }
      v128.store(sum + k, a);
      v128.store(sum + k, b, 16);
      v128.store(sum + k, c, 32);
      v128.store(sum + k, d, 48);
    }
    for (; k < bytes; k += 4) {
      let a = load<f32>(sum + k);
      for (let t = load<i32>(start); t >= 0; t = load<i32>(next + (<usize>t << 2))) {
        a += load<f32>(gradients + <usize>t * bytes + k);
      }
      store<f32>(sum + k, a);
    }
    store<i32>(start, -1);
  }
  return sum;
}
