// The relaxed likelihood of a ranking (DE-RRD, Kang et al. CIKM 2020, arXiv 2012.04357): some candidates in their order, all
// of them above the rest, whose own order does not matter.

/**
 * L of the leading `listed` candidates over the others; adds its gradient by the scores to `grad`.
 *
 *     S_k = Σ_{i=k..K} exp r_i + Σ_j exp r_j;   L = -Σ_k (r_k - log S_k)
 *     dL/dr_c = exp(r_c) Σ_{k ≤ min(c,K)} 1/S_k - [c listed]
 */
export function relaxedRanking(student: Float32Array, listed: number, grad: Float32Array): number {
  const n = student.length;
  let [low, high] = [student[0]!, student[0]!];
  for (let c = 1; c < n; c++) {
    const x = student[c]!;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  if (high - low > spanOfExp) return byLogarithms(student, listed, grad);
  const powers = new Float64Array(n);
  let sum = 0;
  for (let c = n - 1; c >= listed; c--) sum += powers[c] = Math.exp(student[c]! - high);
  const sums = new Float64Array(listed);
  for (let k = listed - 1; k >= 0; k--) sums[k] = sum += powers[k] = Math.exp(student[k]! - high);
  let [loss, inverse] = [0, 0];
  for (let k = 0; k < listed; k++) {
    loss += Math.log(sums[k]!) + high - student[k]!;
    inverse += 1 / sums[k]!;
    grad[k]! += powers[k]! * inverse - 1;
  }
  for (let c = listed; c < n; c++) grad[c]! += powers[c]! * inverse;
  return loss;
}

/** Scores so far apart that the smaller ones' exponentials would be lost. */
const spanOfExp = 600;

/** The same where exponentials would underflow: sums as their logarithms. */
function byLogarithms(student: Float32Array, listed: number, grad: Float32Array): number {
  const n = student.length;
  const logSums = new Float64Array(listed);
  let below = Number.NEGATIVE_INFINITY;
  for (let c = n - 1; c >= listed; c--) below = logAdd(below, student[c]!);
  for (let k = listed - 1; k >= 0; k--) {
    below = logAdd(below, student[k]!);
    logSums[k] = below;
  }
  let loss = 0;
  let logInverse = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < n; c++) {
    if (c < listed) {
      loss -= student[c]! - logSums[c]!;
      logInverse = logAdd(logInverse, -logSums[c]!);
    }
    grad[c]! += Math.exp(student[c]! + logInverse) - (c < listed ? 1 : 0);
  }
  return loss;
}

/** log(exp a + exp b) without overflow. */
function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(-Math.abs(a - b)));
}
