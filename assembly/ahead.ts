// Fetching rows ahead of their use, for WebAssembly has no prefetch.

/** How many rows are fetched together. */
export const AHEAD: i32 = 32;

/**
 * Reads one word of each cache line of rows ids[0 … n-1] that begin in `table`, so that their misses overlap: the loop
 * that follows does too much for a row to have the next one under way. A load may trap, so no compiler drops it.
 */
// @ts-ignore: decorator
@inline
export function touchRows(table: usize, ids: usize, n: i32, bytes: usize): void {
  const end = ids + (<usize>n << 2);
  for (let p = ids; p < end; p += 4) {
    const row = table + <usize>load<i32>(p) * bytes;
    for (let k: usize = 0; k < bytes; k += 64) load<i32>(row + k);
  }
}
