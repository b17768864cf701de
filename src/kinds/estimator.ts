// An estimator says what reward a policy would have had, from a log of what another policy showed. Its value is a
// function of totals over rows, so that a bootstrap needs the totals of each unit only.

import type { z } from "zod";

/** Rows of a log, seen by one target policy π_e; π_b is the policy that made the log. One number a row in each array. */
export interface LoggedRows {
  /** What followed, such as 1 for a click. */
  readonly reward: Float64Array;
  /** π_e(a|x) of the action a that was shown. */
  readonly chosen: Float64Array;
  /** π_e(a|x) / π_b(a|x). */
  readonly weight: Float64Array;
  readonly model?: RewardModel;
}

/** What a model q̂ of the reward says of each row. */
export interface RewardModel {
  /** q̂(x, a) of what was shown. */
  readonly shown: Float64Array;
  /** Σ_a π_e(a|x) q̂(x, a). */
  readonly expected: Float64Array;
  /** How far a row's reward moves the mean of `expected`, times the rows; absent where the model came from outside. */
  readonly leverage?: Float64Array;
}

export interface EstimatorMethod<S extends z.ZodType = z.ZodType> {
  readonly kind: "estimator";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  /** What it rests on: rows where the target chooses as the log did, weights, a reward model. */
  readonly uses: readonly ("matches" | "weights" | "model")[];
  /** The columns that `value` takes totals of, each one number a row. */
  terms(rows: LoggedRows, options: z.output<S>): readonly Float64Array[];
  /** The estimate from the totals of `terms` over rows and the number of these rows. */
  value(totals: readonly number[], rows: number): number;
  /** Why resampling rows would say nothing of its error, if so. */
  withoutInterval?(rows: LoggedRows): string | undefined;
}

export const defineEstimator = <S extends z.ZodType>(method: Omit<EstimatorMethod<S>, "kind">): EstimatorMethod<S> => ({
  kind: "estimator",
  ...method,
});
