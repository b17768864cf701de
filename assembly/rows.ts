// Embedding rows: gather and scatter-add. Rows are float32; any width.

/** out[t,:] = table[ids[t],:], ids int32. */
export function gather(table: usize, ids: usize, out: usize, n: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let t = 0; t < n; t++) {
    memory.copy(out + <usize>t * bytes, table + <usize>load<i32>(ids + (<usize>t << 2)) * bytes, bytes);
  }
}
