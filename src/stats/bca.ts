// Bounds from the replicates of a bootstrap, corrected for bias and for skewness: the percentiles that are read are moved
// (BCa; Efron, "Better bootstrap confidence intervals", 1987), where plain percentiles pass too often.
//
//   z0 = Φ⁻¹(share of replicates below the estimate)        a = Σ ψ³ / (6 (Σ ψ²)^1.5)      ψ: what each unit adds
//   a bound at level p is the quantile  Φ(z0 + (z0 + z_p) / (1 - a (z0 + z_p)))

import { normalCdf, normalQuantile } from "./distributions.ts";
import { type Interval, quantileSorted } from "./interval.ts";

/**
 * [low, high]: the truth is above low, and below high, each with confidence 1 - alpha. `influence` is, to first order,
 * what each unit adds, on any scale; without it there is no correction for skewness. NaN among the replicates are left out.
 */
export function bcaBounds(
  estimate: number,
  replicates: Float64Array,
  alpha: number,
  influence?: Float64Array,
): Interval {
  const sorted = replicates.filter((x) => !Number.isNaN(x)).sort();
  if (sorted.length === 0 || Number.isNaN(estimate)) return [Number.NaN, Number.NaN];
  let below = 0;
  for (const x of sorted) below += x < estimate ? 1 : x === estimate ? 0.5 : 0;
  const share = Math.min(Math.max(below, 0.5), sorted.length - 0.5) / sorted.length;
  const z0 = normalQuantile(share);
  const a = influence ? acceleration(influence) : 0;
  const at = (p: number) => {
    const z = z0 + normalQuantile(p);
    const slowed = 1 - a * z;
    return quantileSorted(sorted, slowed > 0 ? normalCdf(z0 + z / slowed) : p < 0.5 ? 0 : 1);
  };
  return [at(alpha), at(1 - alpha)];
}

function acceleration(influence: Float64Array): number {
  let [squares, cubes] = [0, 0];
  for (const psi of influence) {
    squares += psi ** 2;
    cubes += psi ** 3;
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}
