// Whether a calibration left rows in their order, which is all that AUC sees.

/** Over neighbours among the sorted logits: how many have become equal, and how many changed places or were parted. */
export function ranksKept(before: Float32Array, after: Float32Array): { newTies: number; moved: number } {
  const order = Uint32Array.from(before, (_, r) => r).sort((a, b) => before[a]! - before[b]! || a - b);
  let [newTies, moved] = [0, 0];
  for (let r = 1; r < order.length; r++) {
    const [one, next] = [order[r - 1]!, order[r]!];
    const equal = before[one] === before[next];
    if (equal ? after[one] !== after[next] : after[one]! > after[next]!) moved++;
    else if (!equal && after[one] === after[next]) newTies++;
  }
  return { newTies, moved };
}
