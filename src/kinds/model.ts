// A model fits interactions, and where it declares so also a teacher's lists, into a Recommender.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Interactions } from "../data/interactions.ts";
import type { Runtime } from "../graph/runtime.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Recommender } from "../recommender/recommender.ts";
import type { Dataset } from "./dataset.ts";
import type { LossMethod } from "./loss.ts";

/** A teacher's best `n` unobserved items of every user, best first: row u is [u*n, (u+1)*n); -1 pads a short row. */
export interface TeacherLists {
  readonly n: number;
  readonly items: Int32Array;
  readonly scores: Float32Array;
}

/** What a student learns from beside the interactions. */
export interface Guidance {
  readonly lists: TeacherLists;
  /** L = (1 - alpha) · the model's own loss on the interactions + alpha · Σ weight · term; in [0, 1]. */
  readonly alpha: number;
  readonly terms: readonly { readonly loss: LossMethod; readonly options: unknown; readonly weight: number }[];
  /** The teacher itself, for students that can start from it. */
  readonly teacher: Recommender;
}

export interface FitContext {
  readonly kernels: Kernels;
  /** Executes training graphs. */
  readonly runtime: Runtime;
  readonly rng: Rng;
  /** Absent when the recipe gives no validation part. */
  readonly validation?: Interactions;
  readonly guidance?: Guidance;
  /** What the data says of users and items; handed only to models that read it. */
  readonly features?: Pick<Dataset, "userFeatures" | "itemFeatures">;
  /** Told after each step of `total`; `note` is a short reading such as "loss 0.41". */
  progress(done: number, total: number, note?: string): void;
}

export interface ModelMethod<S extends z.ZodType = z.ZodType> {
  readonly kind: "model";
  readonly name: string;
  readonly summary: string;
  readonly options: S;
  /** Whether fit can use context.guidance; others refuse to be distilled into. */
  readonly guided: boolean;
  /** Whether fit can use context.features. */
  readonly readsFeatures?: true;
  fit(train: Interactions, options: z.output<S>, context: FitContext): Promise<Recommender>;
}

export const defineModel = <S extends z.ZodType>(method: Omit<ModelMethod<S>, "kind">): ModelMethod<S> => ({
  kind: "model",
  ...method,
});
