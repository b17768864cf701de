// The Poisson bootstrap of ratios of totals: every unit (a user, a session) counts a Poisson(1) number of times in a
// resample, independently of the others, so that units can come in any order and any number of totals share a resample
// (Chamandy et al., "Estimating uncertainty for massive data streams", 2012). How many units a resample holds varies;
// statistics must therefore be ratios of totals (a mean is a total over the total of ones), never a bare total.

import type { Rng } from "../base/rng.ts";
import { type Interval, percentileInterval } from "./interval.ts";

export interface BootstrapOptions {
  readonly replicates: number;
  /** Stated coverage of the interval, in (0, 1), as in 0.95. */
  readonly level: number;
  readonly rng: Rng;
}

// P(N ≤ k), N ~ Poisson(1), on the scale of 32 random bits; the tail beyond 12 is below one part in 2³².
const cumulative = (() => {
  const steps: number[] = [];
  let [term, sum] = [Math.exp(-1), 0];
  for (let k = 0; k <= 12; k++) {
    sum += term;
    steps.push(sum * 2 ** 32);
    term /= k + 1;
  }
  return steps;
})();
/** The least count that 32 bits with these as their first eight can mean. */
const least = Uint8Array.from({ length: 256 }, (_, first) => cumulative.findIndex((step) => first * 2 ** 24 < step));

/** Draws how often each unit counts in a resample, in place. */
export function drawCounts(count: Uint8Array, rng: Rng): void {
  for (let unit = 0; unit < count.length; unit++) {
    const bits = rng.u32();
    let k = least[bits >>> 24]!;
    while (k < 12 && bits >= cumulative[k]!) k++;
    count[unit] = k;
  }
}

/** Totals of each column (one number a unit, equal lengths) in each resample: totals[c][b]. */
export function bootstrapTotals(
  columns: readonly Float64Array[],
  { replicates, rng }: Pick<BootstrapOptions, "replicates" | "rng">,
): Float64Array[] {
  const totals = columns.map(() => new Float64Array(replicates));
  const count = new Uint8Array(columns[0]?.length ?? 0);
  for (let b = 0; b < replicates; b++) {
    drawCounts(count, rng);
    for (const [c, column] of columns.entries()) {
      let sum = 0;
      for (let unit = 0; unit < count.length; unit++) sum += count[unit]! * column[unit]!;
      totals[c]![b] = sum;
    }
  }
  return totals;
}

/** The statistic of the totals of `columns` (one number a unit) in each resample. */
export function bootstrapReplicates(
  columns: readonly Float64Array[],
  statistic: (totals: readonly number[]) => number,
  options: Pick<BootstrapOptions, "replicates" | "rng">,
): Float64Array {
  const totals = bootstrapTotals(columns, options);
  return Float64Array.from({ length: options.replicates }, (_, b) => statistic(totals.map((of) => of[b]!)));
}

/** The percentile interval of a statistic of totals, clustered by unit; resamples where it is NaN are left out. */
export function bootstrapInterval(
  columns: readonly Float64Array[],
  statistic: (totals: readonly number[]) => number,
  options: BootstrapOptions,
): Interval {
  return percentileInterval(bootstrapReplicates(columns, statistic, options), options.level);
}
