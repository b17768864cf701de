// A distillation loss compares a student's scores of one user's candidates with what the teacher says of them.

import type { z } from "zod";

/** One user's candidates: the teacher's first `listed` items best first, then items it did not list. */
export interface Candidates {
  /** How many of the leading candidates the teacher listed. */
  readonly listed: number;
  /** The student's scores, one a candidate. */
  readonly student: Float32Array;
  /** The teacher's scores of the listed candidates. */
  readonly teacher: Float32Array;
}

export interface LossMethod<S extends z.ZodType = z.ZodType> {
  readonly kind: "loss";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  /** What of the teacher it uses. */
  readonly needs: "ranks" | "scores";
  /** How many listed and how many unlisted candidates it wants. */
  candidates(options: z.output<S>): { listed: number; unlisted: number };
  /** Returns the loss and adds its gradient by the student's scores to `grad`. */
  lossAndGrad(candidates: Candidates, options: z.output<S>, grad: Float32Array): number;
}

export const defineLoss = <S extends z.ZodType>(method: Omit<LossMethod<S>, "kind">): LossMethod<S> => ({
  kind: "loss",
  ...method,
});
