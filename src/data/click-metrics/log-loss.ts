// Mean of -[y ln p + (1 - y) ln(1 - p)], p clipped to [ε, 1 - ε] so that one sure mistake costs 16.1 and not infinity.

const epsilon = 1e-7;

/** In nats. NaN without rows or with a score that is NaN. */
export function logLoss(label: Float32Array, score: Float32Array): number {
  let sum = 0;
  for (let r = 0; r < label.length; r++) {
    const p = Math.min(1 - epsilon, Math.max(epsilon, score[r]!));
    const y = label[r]!;
    sum -= y * Math.log(p) + (1 - y) * Math.log1p(-p);
  }
  return sum / label.length;
}
