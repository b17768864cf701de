// Whether predicted probabilities are rates: in all (predicted over observed) and by size of the prediction (expected
// calibration error, Naeini et al. 2015, with bins of equal mass).

const bins = 10;

/** Σ p / Σ y; NaN without clicks. */
export function predictedOverObserved(label: Float32Array, score: Float32Array): number {
  const clicks = total(label);
  return clicks > 0 ? total(score) / clicks : Number.NaN;
}

/**
 * Σ_b n_b / n · |mean p - mean y| over 10 bins of rows sorted by p. Rows of one p are never parted, so that the order of
 * rows does not matter; a bin may therefore be larger. Scores must be in [0, 1]; NaN where one is NaN or there are none.
 */
export function calibrationError(label: Float32Array, score: Float32Array): number {
  const n = score.length;
  // Bits of floats ≥ 0 sort as their values do; the label is the last binary digit.
  const bits = new Uint32Array(Float32Array.from(score, (p) => p + 0).buffer);
  const key = Float64Array.from(bits, (b, r) => 2 * b + (label[r]! > 0 ? 1 : 0)).sort();
  const asFloat = new Float32Array(1);
  const asBits = new Uint32Array(asFloat.buffer);
  let [error, gap] = [0, 0];
  for (let r = 0, bin = 1; r < n; r++) {
    const b = Math.floor(key[r]! / 2);
    asBits[0] = b;
    gap += asFloat[0]! - (key[r]! % 2);
    if (r + 1 < (bin * n) / bins || (r + 1 < n && Math.floor(key[r + 1]! / 2) === b)) continue;
    error += Math.abs(gap);
    gap = 0;
    while ((bin * n) / bins <= r + 1) bin++;
  }
  return error / n;
}

function total(values: Float32Array): number {
  let sum = 0;
  for (const x of values) sum += x;
  return sum;
}
