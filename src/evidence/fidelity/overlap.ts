// Overlap: the share of a list that the other list holds too, whatever the order.

/** |a ∩ b| / max(|a|, |b|) of two lists without repeats or padding; NaN where both are empty. */
export function overlap(a: Int32Array, b: Int32Array): number {
  const known = new Set(a);
  let shared = 0;
  for (const item of b) if (known.has(item)) shared++;
  return shared / Math.max(a.length, b.length);
}
