// The verdict on one gate from one number a unit (a user, or a user's rows): is Σ above / Σ below at most the limit?
//
//   pass        its upper bound, at confidence 1 - alpha, is within the limit: non-inferiority is shown
//   fail        its lower bound is beyond the limit: the harm is shown
//   undecided   neither; then as many units as would show one or the other with a power of 80 % if what was observed is so:
//               n = ((z_{1-alpha} + z_.8) · σ / distance from the limit)²

import type { Rng } from "../../base/rng.ts";
import { bcaBounds } from "../../stats/bca.ts";
import { bootstrapReplicates, drawCounts } from "../../stats/bootstrap.ts";
import { normalQuantile } from "../../stats/distributions.ts";
import type { Interval } from "../../stats/interval.ts";
import { rareShare } from "../../stats/rare-loss.ts";
import { ratioBounds, spreadAround } from "../../stats/ratio-bounds.ts";

export type Verdict = "pass" | "fail" | "undecided";

/** One number a unit, and the limit of their ratio. */
export interface Tested {
  readonly above: Float64Array;
  /** 0 or more. */
  readonly below: Float64Array;
  readonly limit: number;
  /** The ratio where unit u counts count[u] times, if it is not one of totals, such as an AUC. */
  readonly resampled?: (count: Uint8Array) => number;
  /**
   * How many units lose, how much one can lose at most, and the mean of `above` over the others. Where fewer than 10 lose,
   * the bound is no nearer than what so few prove of those not seen.
   */
  readonly rare?: { readonly units: number; readonly largest: number; readonly others: number };
}

export interface Testing {
  readonly test: "t" | "bootstrap";
  readonly alpha: number;
  readonly rng: Rng;
}

export interface Decision {
  readonly verdict: Verdict;
  readonly estimate: number;
  /** Two one-sided bounds: an interval of confidence 1 - 2 · alpha. */
  readonly interval: Interval;
  readonly units: number;
  /** For an undecided verdict; absent where no number of units would do, at what was observed. */
  readonly unitsToDecide?: number;
}

const replicates = 1000;
const power = 0.8;
const few = 10;
/** No study has more users than there are people. */
const most = 1e10;

/** Judges the ratio by the skewness-corrected t or the BCa bootstrap over units. */
export function decide(tested: Tested, { test, alpha, rng }: Testing): Decision {
  const { above, below, limit, rare } = tested;
  const { estimate, bounds } = test === "t" ? ratioBounds(above, below, alpha) : bootstrap(tested, alpha, rng);
  const units = above.length;
  if (Number.isNaN(estimate)) return { verdict: "undecided", estimate, interval: bounds, units };
  const seldom = rare && rare.units < few ? rare : undefined;
  const mean = below.reduce((sum, x) => sum + x, 0) / units;
  const proved = seldom
    ? (seldom.others + seldom.largest * rareShare(seldom.units, units, alpha)) / mean
    : Number.NEGATIVE_INFINITY;
  const interval: Interval = [bounds[0], Math.max(bounds[1], proved)];
  const verdict = interval[1] <= limit ? "pass" : interval[0] > limit ? "fail" : "undecided";
  const toDecide = verdict === "undecided" ? unitsToDecide(tested, alpha, seldom, mean) : Number.NaN;
  return { verdict, estimate, interval, units, ...(toDecide <= most && { unitsToDecide: toDecide }) };
}

function unitsToDecide({ above, below, limit }: Tested, alpha: number, seldom: Tested["rare"], mean: number): number {
  const units = above.length;
  const { mean: distance, deviation } = spreadAround(above, below, limit);
  const wanted = (((normalQuantile(1 - alpha) + normalQuantile(power)) * deviation) / distance) ** 2;
  if (!seldom) return Math.ceil(Math.max(units + 1, wanted));
  // Until ten lose, or so few that the rest proves enough.
  const proof = (seldom.largest * rareShare(seldom.units, 1e9, alpha) * 1e9) / (limit * mean - seldom.others);
  const enough = seldom.units > 0 ? Math.min((few * units) / seldom.units, proof) : proof;
  return Math.ceil(Math.max(units + 1, wanted, enough));
}

function bootstrap({ above, below, resampled }: Tested, alpha: number, rng: Rng) {
  const ratio = ([a = 0, b = 0]: readonly number[]) => a / b;
  const estimate = ratio([above, below].map((values) => values.reduce((sum, x) => sum + x, 0)));
  const influence = above.map((a, u) => a - estimate * below[u]!);
  const count = new Uint8Array(above.length);
  const drawn = resampled
    ? Float64Array.from({ length: replicates }, () => {
        drawCounts(count, rng);
        return resampled(count);
      })
    : bootstrapReplicates([above, below], ratio, { replicates, rng });
  return { estimate, bounds: bcaBounds(estimate, drawn, alpha, influence) };
}
