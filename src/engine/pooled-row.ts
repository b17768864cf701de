// The row of a query that is pooled from others of the same table, and its gradient given back to them.

export interface PooledRow {
  /** Numbers from one row to the next, and how many of them are pooled. */
  readonly width: number;
  readonly d: number;
  /** The row of history item 0. */
  readonly first: number;
  /** The query's own row. */
  readonly own: number;
}

/** rows[own] = scale · Σ_{h ∈ history} rows[first + h], in the first d numbers; the rest is left as it is. */
export function poolRow(
  rows: Float32Array,
  history: Int32Array,
  scale: number,
  { width, d, first, own }: PooledRow,
): void {
  const to = own * width;
  rows.fill(0, to, to + d);
  for (const h of history) {
    const from = (first + h) * width;
    for (let x = 0; x < d; x++) rows[to + x]! += scale * rows[from + x]!;
  }
}

/** gradient[first + h] += scale · gradient[own] for every h of the history; the query's own is then zero. */
export function unpoolRow(
  gradient: Float32Array,
  history: Int32Array,
  scale: number,
  { width, d, first, own }: PooledRow,
): void {
  const from = own * width;
  for (const h of history) {
    const to = (first + h) * width;
    for (let x = 0; x < d; x++) gradient[to + x]! += scale * gradient[from + x]!;
  }
  gradient.fill(0, from, from + width);
}
