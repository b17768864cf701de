// A distillation loss compares a student with its teacher: by what both say of one user's candidates, by how both embed
// the entities of a batch, or by their logits of its rows. The first sort knows scores and no student; the others are
// pieces of a training graph.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Candidates, Picked, TeacherList } from "./candidates.ts";
import type { EmbeddingLoss } from "./embedding-loss.ts";
import type { LogitLoss } from "./logit-loss.ts";

export interface LossFrame<S extends z.ZodType> {
  readonly kind: "loss";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
}

/** Candidates are items of one user, or with "users" users of one item: then read items for users and users for items. */
export interface CandidateLoss<S extends z.ZodType = z.ZodType, W extends "candidates" | "users" = "candidates">
  extends LossFrame<S> {
  readonly sees: W;
  /** What of the teacher it uses. */
  readonly needs: "ranks" | "scores";
  /** How many listed and how many unlisted candidates it wants. */
  candidates(options: z.output<S>): { listed: number; unlisted: number };
  /**
   * Fills `places` with the ranks of the teacher's list to take, in place of its first; returns how many, or undefined to
   * leave it at those. Candidates are then in this order.
   */
  pick?(list: TeacherList, options: z.output<S>, rng: Rng, places: Int32Array): number | Picked | undefined;
  /** Returns the loss and adds its gradient by the student's scores to `grad`. */
  lossAndGrad(candidates: Candidates, options: z.output<S>, grad: Float32Array): number;
}

export type UserLoss<S extends z.ZodType = z.ZodType> = CandidateLoss<S, "users">;
export type LossMethod = CandidateLoss | UserLoss | EmbeddingLoss | LogitLoss;

export const defineLoss = <S extends z.ZodType>(method: Omit<CandidateLoss<S>, "kind" | "sees">): CandidateLoss<S> => ({
  kind: "loss",
  sees: "candidates",
  ...method,
});

/** A loss whose candidates are users of one item. */
export const defineUserLoss = <S extends z.ZodType>(method: Omit<UserLoss<S>, "kind" | "sees">): UserLoss<S> => ({
  kind: "loss",
  sees: "users",
  ...method,
});
