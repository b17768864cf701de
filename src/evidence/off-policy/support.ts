// Whether a log can say anything of a policy. Where the logging policy never shows what the target would, no weighting
// brings it back, and every estimator would answer all the same: that is refused here, with the reason.

import type { EstimatorMethod, LoggedRows } from "../../kinds/estimator.ts";
import type { Interval } from "../../stats/interval.ts";

/** Below so many effective rows, or rewards that carry weight, an interval is not to be trusted. */
const FEWEST = { rows: 50, rewards: 10 };
/** How much of what the target shows may be out of the log's sight; the estimate misses that share of its reward. */
const UNSEEN = 0.02;

export interface Support {
  /** Mean of the weights and its interval of 99.9 %. 1 where the log can show all that the target would; the share otherwise. */
  readonly meanWeight: number;
  readonly meanWeightInterval: Interval;
  readonly largestWeight: number;
  /** (Σ w)² / Σ w²: how many rows of the target's own these rows are worth. */
  readonly effectiveSampleSize: number;
  /** The same of w · r: how many rewards the estimate rests on. */
  readonly effectiveRewards: number;
  /** Rows where the target would have shown the same with certainty. */
  readonly matches: number;
  /** Rows with a reward among them. */
  readonly matchedRewards: number;
  /** Rows that the target may show and whose propensity is not known or 0. */
  readonly withoutPropensity: number;
  /** The share of what the target shows that the log shows nowhere. */
  readonly neverLogged: number;
  /** Whether all matching rows were shown with one propensity. */
  readonly uniform: boolean;
  /** Rows with a reward in the whole log. */
  readonly rewards: number;
}

/** (Σ x)² / Σ x² of the numbers. */
function effective(count: number, at: (row: number) => number): number {
  let [sum, squares] = [0, 0];
  for (let r = 0; r < count; r++) {
    sum += at(r);
    squares += at(r) ** 2;
  }
  return squares === 0 ? 0 : sum ** 2 / squares;
}

export function supportOf(
  { reward, chosen, weight }: LoggedRows,
  propensity: Float64Array,
  neverLogged: number,
  meanWeightInterval: Interval,
): Support {
  const n = reward.length;
  const matching = Array.from(chosen.keys()).filter((r) => chosen[r] === 1);
  const odds = matching.map((r) => propensity[r]!);
  const [least, most] = odds.reduce(([a, b], p) => [Math.min(a, p), Math.max(b, p)], [1, 0]);
  return {
    meanWeight: weight.reduce((sum, w) => sum + w, 0) / n,
    meanWeightInterval,
    largestWeight: weight.reduce((max, w) => Math.max(max, w), 0),
    effectiveSampleSize: effective(n, (r) => weight[r]!),
    effectiveRewards: effective(n, (r) => weight[r]! * reward[r]!),
    matches: matching.length,
    matchedRewards: matching.filter((r) => reward[r] !== 0).length,
    withoutPropensity: chosen.filter((p, r) => p > 0 && propensity[r] === 0).length,
    neverLogged,
    uniform: most - least <= 1e-6 * most,
    rewards: reward.filter((r) => r !== 0).length,
  };
}

/** Why the estimator is not asked, in a sentence; undefined where it may answer. */
export function refusal({ uses }: EstimatorMethod, support: Support, rows: LoggedRows): string | undefined {
  if (support.neverLogged > UNSEEN) {
    return `${percent(support.neverLogged)} of what the policy shows was never logged; log some exploration, or judge it among the logged items.`;
  }
  const { reward, model } = rows;
  if (reward.every((r) => r === reward[0])) return `every reward is ${reward[0]}; there is nothing to estimate from.`;
  if (uses.includes("model") && !model) return "there is no reward model; give its columns, or a policy to ask.";
  const reasons = uses.map((use) =>
    ({ weights: weightsRefused, matches: matchesRefused, model: modelRefused })[use](support),
  );
  return reasons.find((reason) => reason !== undefined);
}

function weightsRefused(support: Support): string | undefined {
  const { withoutPropensity, meanWeightInterval, meanWeight, effectiveSampleSize, effectiveRewards } = support;
  const [low, high] = meanWeightInterval;
  if (withoutPropensity > 0) {
    return `in ${rowsOf(withoutPropensity)} the policy may show an item whose propensity is 0 or not known; log it for every row.`;
  }
  if (high < 1 - UNSEEN || low > 1 + UNSEEN) {
    const range = `${meanWeight.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
    return high < 1
      ? `the weights average ${range}, not 1: the log does not reach ${percent(1 - meanWeight)} of what the policy shows, or the propensities are too large, or the policy has learnt from this very log.`
      : `the weights average ${range}, not 1: the propensities are smaller than those with which the log was made.`;
  }
  if (effectiveSampleSize < FEWEST.rows) {
    return `the weighted rows are worth only ${effectiveSampleSize.toFixed(1)} of the policy's own, at least ${FEWEST.rows} are needed.`;
  }
  if (effectiveRewards < FEWEST.rewards) return few(effectiveRewards);
  return undefined;
}

function matchesRefused({ matches, matchedRewards, uniform }: Support): string | undefined {
  if (matches < FEWEST.rows)
    return `the policy is sure to show the same in ${rowsOf(matches)}, at least ${FEWEST.rows} are needed.`;
  if (!uniform) return "the log was not made uniformly at random: what it shows often would count more; look at snips.";
  return matchedRewards < FEWEST.rewards ? few(matchedRewards) : undefined;
}

/**
 * Why an estimate that rests on a model alone gets no interval: weighted rewards contradict the model, or cannot be
 * asked. `residual` is their mean distance from it, and its interval of 99 %.
 */
export function modelDoubt(support: Support, residual: number, [low, high]: Interval): string | undefined {
  const silent = weightsRefused(support);
  if (silent !== undefined) return `nothing here can check its model: ${silent}`;
  if (low <= 0 && high >= 0) return undefined;
  return `weighted rewards say that its model is off by ${residual.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)}); look at dr.`;
}

const modelRefused = ({ rewards }: Support): string | undefined =>
  rewards < FEWEST.rewards ? few(rewards) : undefined;

const few = (rewards: number) =>
  `only ${Number(rewards.toFixed(1))} rewards carry the estimate, at least ${FEWEST.rewards} are needed.`;
const rowsOf = (n: number) => `${n} row${n === 1 ? "" : "s"}`;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
