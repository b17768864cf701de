// A distillation loss compares a student with its teacher: by what both say of one user's candidates, by how both embed
// the entities of a batch, or by their logits of its rows. The first sort knows scores and no student; the others are
// pieces of a training graph.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { EmbeddingLoss } from "./embedding-loss.ts";
import type { LogitLoss } from "./logit-loss.ts";

export interface LossFrame<S extends z.ZodType> {
  readonly kind: "loss";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
}

/** One user's list, best first. */
export interface TeacherList {
  readonly items: Int32Array;
  /** The group of each item of the catalogue, when `count` groups of rising popularity share the interactions alike. */
  groups(count: number): Uint8Array;
}

/** One user's candidates: the teacher's first `listed` items best first, then items it did not list. */
export interface Candidates {
  /** How many of the leading candidates the teacher listed. */
  readonly listed: number;
  /** The student's scores, one a candidate. */
  readonly student: Float32Array;
  /** The teacher's scores of the listed candidates. */
  readonly teacher: Float32Array;
  /** Items of the catalogue. */
  readonly items: number;
}

export interface CandidateLoss<S extends z.ZodType = z.ZodType> extends LossFrame<S> {
  readonly sees: "candidates";
  /** What of the teacher it uses. */
  readonly needs: "ranks" | "scores";
  /** How many listed and how many unlisted candidates it wants. */
  candidates(options: z.output<S>): { listed: number; unlisted: number };
  /**
   * Fills `places` with the ranks of the teacher's list to take, in place of its first; returns how many, or undefined to leave it at those. Candidates are
   * then in this order.
   */
  pick?(list: TeacherList, options: z.output<S>, rng: Rng, places: Int32Array): number | undefined;
  /** Returns the loss and adds its gradient by the student's scores to `grad`. */
  lossAndGrad(candidates: Candidates, options: z.output<S>, grad: Float32Array): number;
}

export type LossMethod = CandidateLoss | EmbeddingLoss | LogitLoss;

export const defineLoss = <S extends z.ZodType>(method: Omit<CandidateLoss<S>, "kind" | "sees">): CandidateLoss<S> => ({
  kind: "loss",
  sees: "candidates",
  ...method,
});
