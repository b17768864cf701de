// What a student learns from beside the interactions.

import type { Recommender } from "../recommender/recommender.ts";
import type { LossMethod } from "./loss.ts";

/** A teacher's best `n` unobserved items of every user, best first: row u is [u*n, (u+1)*n); -1 pads a short row. */
export interface TeacherLists {
  readonly n: number;
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/** One distillation loss in a student's objective. */
export interface Term<L extends LossMethod = LossMethod> {
  readonly loss: L;
  readonly options: unknown;
  readonly weight: number;
  /** What the loss's temperature has come to in the last epoch, in equal ratios; absent where it stays. */
  readonly coolTo?: number;
}

export interface Guidance {
  readonly lists: TeacherLists;
  /** What the teacher listed earlier in its own training, of the same length, the easiest first. */
  readonly easier?: readonly TeacherLists[];
  /** The best users of every item, where a term ranks users; an item is a row and users are what it lists. */
  readonly usersOf?: TeacherLists;
  /** L = (1 - alpha) · the model's own loss on the interactions + alpha · Σ weight · term; in [0, 1]. */
  readonly alpha: number;
  /** Epochs before the terms begin, in which alpha is 0. */
  readonly after?: number;
  /** Epochs from then on in which alpha rises in equal steps. */
  readonly ramp?: number;
  readonly terms: readonly Term[];
  /** The teacher itself, for students that can start from it; undefined where it has lists and no model. */
  readonly teacher: Recommender | undefined;
}
