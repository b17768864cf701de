// Things cut into groups that have equal shares of what was counted: how head, middle and tail are told apart.

/** The group of each thing, 0 … groups - 1: in `order`, a group ends where it has its share of the sum of `counts`. */
export function equalShares(counts: ArrayLike<number>, order: Iterable<number>, groups: number): Uint8Array {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i]!;
  const group = new Uint8Array(counts.length);
  let sum = 0;
  for (const one of order) {
    group[one] = Math.min(groups - 1, Math.floor((groups * sum) / Math.max(1, total)));
    sum += counts[one]!;
  }
  return group;
}

/** Most counted first; equal counts by number. */
export const fallingOrder = (counts: ArrayLike<number>): number[] =>
  Array.from({ length: counts.length }, (_, i) => i).sort((a, b) => counts[b]! - counts[a]! || a - b);
