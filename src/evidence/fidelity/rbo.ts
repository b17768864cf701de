// Rank-biased overlap (Webber, Moffat & Zobel, "A similarity measure for indefinite rankings", TOIS 2010, equation 32):
// agreement at every depth, the first ranks weighing most, extrapolated beyond the lists. s ≤ l are the two lengths, X_d is
// how many items the first d of both share:
//
//   RBO = (1 - p)/p · (Σ_{d ≤ l} X_d/d · p^d  +  Σ_{s < d ≤ l} X_s (d - s)/(s d) · p^d)  +  ((X_l - X_s)/l + X_s/s) · p^l

/** Persistence: the first 10 ranks hold 86 % of the weight. */
const p = 0.9;

/** In [0, 1], 1 for equal lists; of lists without repeats or padding. NaN where both are empty, 0 where one is. */
export function rankBiasedOverlap(a: Int32Array, b: Int32Array): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const [s, l] = [short.length, long.length];
  if (s === 0) return l === 0 ? Number.NaN : 0;
  const [inShort, inLong] = [new Set<number>(), new Set<number>()];
  let [shared, sharedShort, sum, weight] = [0, 0, 0, 1];
  for (let d = 1; d <= l; d++) {
    weight *= p;
    const theirs = long[d - 1]!;
    inLong.add(theirs);
    if (inShort.has(theirs)) shared++;
    if (d <= s) {
      const ours = short[d - 1]!;
      inShort.add(ours);
      // Their item is there already, so that an item that both have at this rank counts once, here.
      if (inLong.has(ours)) shared++;
      sharedShort = shared;
    }
    const beyond = d > s ? (sharedShort * (d - s)) / (s * d) : 0;
    sum += (shared / d + beyond) * weight;
  }
  return ((1 - p) / p) * sum + ((shared - sharedShort) / l + sharedShort / s) * weight;
}
