// Area under the ROC curve, exact with ties, and DeLong's standard error (DeLong, DeLong & Clarke-Pearson 1988).
//
//   AUC = mean over clicks p and non-clicks q of [s_p > s_q] + ½ [s_p = s_q]
//
// Both classes are sorted apart and walked once together, O(n log n).

/** NaN both where a class is empty or a score is NaN; the error also where a class has one row. */
export function auc(label: Float32Array, score: Float32Array): { auc: number; error: number } {
  const undefinedHere = { auc: Number.NaN, error: Number.NaN };
  let clicks = 0;
  for (let r = 0; r < label.length; r++) {
    if (label[r]! > 0) clicks++;
    if (Number.isNaN(score[r])) return undefinedHere;
  }
  const positive = new Float32Array(clicks);
  const negative = new Float32Array(label.length - clicks);
  let [p, q] = [0, 0];
  for (let r = 0; r < label.length; r++) {
    if (label[r]! > 0) positive[p++] = score[r]!;
    else negative[q++] = score[r]!;
  }
  if (p === 0 || q === 0) return undefinedHere;
  positive.sort();
  negative.sort();
  const ofPositive = placements(positive, negative);
  const ofNegative = placements(negative, positive);
  return { auc: ofPositive.mean, error: Math.sqrt(ofPositive.variance / p + ofNegative.variance / q) };
}

/** Over the sorted xs: mean and variance of the share of sorted ys below x, equal ones by half. */
function placements(xs: Float32Array, ys: Float32Array): { mean: number; variance: number } {
  let [below, upTo, sum, squares] = [0, 0, 0, 0];
  for (const x of xs) {
    while (below < ys.length && ys[below]! < x) below++;
    if (upTo < below) upTo = below;
    while (upTo < ys.length && ys[upTo]! === x) upTo++;
    const twice = below + upTo;
    sum += twice;
    squares += (twice / (2 * ys.length)) ** 2;
  }
  const mean = sum / (2 * ys.length * xs.length);
  return { mean, variance: Math.max(0, squares - xs.length * mean * mean) / (xs.length - 1) };
}
