// One definition of a percentile for every figure of the project.

/** The nearest rank: the smallest of `sorted` (ascending, not empty) that at least `share` of them do not exceed. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}
