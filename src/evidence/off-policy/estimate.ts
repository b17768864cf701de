// What reward policies would have had, by every estimator, with bootstrap intervals over units. All policies, estimators
// and the log itself share their resamples, so that differences between them are paired.

import type { Rng } from "../../base/rng.ts";
import type { EstimatorMethod, LoggedRows, RewardModel } from "../../kinds/estimator.ts";
import { bootstrapTotals } from "../../stats/bootstrap.ts";
import { type Interval, percentileInterval } from "../../stats/interval.ts";
import type { ImpressionLog } from "./log.ts";
import { modelDoubt, refusal, type Support, supportOf } from "./support.ts";

/** An estimate and its interval; without one, or without both, `refused` says why. */
export interface Estimate {
  readonly estimate?: number;
  readonly interval?: Interval;
  readonly refused?: string;
}

export interface PolicyEstimate extends Estimate {
  readonly method: string;
  /** The estimate less the log's own mean reward. */
  readonly lift?: Estimate;
}

export interface PolicyEvidence {
  readonly name: string;
  readonly support: Support;
  readonly estimates: readonly PolicyEstimate[];
}

export interface OffPolicy {
  readonly rows: number;
  readonly units: number;
  readonly excluded: ImpressionLog["excluded"];
  readonly level: number;
  readonly replicates: number;
  /** The mean reward of the log as it is. */
  readonly logged: Estimate;
  readonly policies: readonly PolicyEvidence[];
  /** The first policy less the second, by each estimator. */
  readonly differences?: readonly (Estimate & { readonly method: string })[];
}

/** A policy on the rows of a log. */
export interface Target {
  readonly name: string;
  /** π_e(a|x) of what was shown. */
  readonly chosen: Float64Array;
  /** The share of what the policy shows that the log never shows, one a row; absent where that is not known. */
  readonly neverLogged?: Float64Array;
  readonly model?: RewardModel;
}

export interface EstimateOptions {
  readonly methods: readonly { readonly method: EstimatorMethod; readonly options: unknown }[];
  readonly level: number;
  readonly replicates: number;
  readonly rng: Rng;
}

/** Estimates each target's mean reward on the log. */
export function estimatePolicies(log: ImpressionLog, targets: readonly Target[], options: EstimateOptions): OffPolicy {
  const { level, replicates, methods } = options;
  const columns: Float64Array[] = [];
  const total = (column: Float64Array): number => {
    const sums = new Float64Array(log.units);
    for (let r = 0; r < log.n; r++) sums[log.unit[r]!]! += column[r]!;
    return columns.push(sums) - 1;
  };
  const count = total(new Float64Array(log.n).fill(1));
  const rewards = total(log.reward);
  const seen = targets.map((target) => {
    const { chosen, model } = target;
    const weight = chosen.map((p, r) => (p === 0 || log.propensity[r] === 0 ? 0 : p / log.propensity[r]!));
    const rows: LoggedRows = { reward: log.reward, chosen, weight, ...(model && { model }) };
    const residuals = model && total(weight.map((w, r) => w * (log.reward[r]! - model.shown[r]!)));
    return { target, rows, weights: total(weight), residuals };
  });
  const asked = seen.map(({ rows }) =>
    methods.map(({ method, options }) => {
      if (method.uses.includes("model") && !rows.model) return undefined;
      return method.terms(rows, options).map(total);
    }),
  );
  const sums = columns.map((column) => column.reduce((sum, x) => sum + x, 0));
  const draws = bootstrapTotals(columns, { replicates, rng: options.rng });
  const spread = (of: (totals: (column: number) => number) => number) => ({
    estimate: of((column) => sums[column]!),
    draws: Float64Array.from({ length: replicates }, (_, b) => of((column) => draws[column]![b]!)),
  });
  type Spread = ReturnType<typeof spread>;
  const stated = ({ estimate, draws }: Spread): Estimate => ({ estimate, interval: percentileInterval(draws, level) });
  const less = (a: Spread, b: Spread): Spread => ({
    estimate: a.estimate - b.estimate,
    draws: a.draws.map((x, i) => x - b.draws[i]!),
  });

  const logged = spread((at) => at(rewards) / at(count));
  const found = seen.map(({ target, rows, weights, residuals }, t) => {
    const sight = spread((at) => at(weights) / at(count));
    const unseen = target.neverLogged ? target.neverLogged.reduce((sum, x) => sum + x, 0) / log.n : 0;
    const support = supportOf(rows, log.propensity, unseen, percentileInterval(sight.draws, 0.999));
    const off = residuals === undefined ? undefined : spread((at) => at(residuals) / at(count));
    const doubt = off && modelDoubt(support, off.estimate, percentileInterval(off.draws, 0.99));
    const values = methods.map(({ method }, m) => {
      const refused = refusal(method, support, rows);
      if (refused !== undefined) return { refused };
      const value = spread((at) => method.value(asked[t]![m]!.map(at), at(count)));
      const alone = method.uses.every((use) => use === "model");
      return { value, open: method.withoutInterval?.(rows) ?? (alone ? doubt : undefined) };
    });
    return { name: target.name, support, values };
  });
  const say = (value: Spread, open: string | undefined): Estimate =>
    open === undefined ? stated(value) : { estimate: value.estimate, refused: open };
  const [first, second] = found;
  return {
    ...{ rows: log.n, units: log.units, excluded: log.excluded, level, replicates },
    logged: stated(logged),
    policies: found.map(({ name, support, values }) => ({
      ...{ name, support },
      estimates: values.map(({ value, open, refused }, m) => ({
        method: methods[m]!.method.name,
        ...(value ? { ...say(value, open), lift: say(less(value, logged), open) } : { refused: refused! }),
      })),
    })),
    ...(first &&
      second && {
        differences: methods.map(({ method }, m) => {
          const [a, b] = [first.values[m]!, second.values[m]!];
          const refused = a.refused ?? b.refused;
          if (!a.value || !b.value) return { method: method.name, ...(refused !== undefined && { refused }) };
          return { method: method.name, ...say(less(a.value, b.value), a.open ?? b.open) };
        }),
      }),
  };
}
