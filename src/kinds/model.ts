// A model fits interactions, and where it declares so also a teacher's lists, into a Recommender.

import type { z } from "zod";
import type { Rng } from "../base/rng.ts";
import type { Interactions } from "../data/interactions.ts";
import type { Runtime } from "../graph/runtime.ts";
import type { Kernels } from "../kernels/kernels.ts";
import type { Recommender } from "../recommender/recommender.ts";
import type { Dataset } from "./dataset.ts";
import type { Guidance } from "./guidance.ts";
import type { LossMethod } from "./loss.ts";

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
  /** The losses that fit can learn by from context.guidance; a model without any refuses to be distilled into. */
  readonly guided: readonly LossMethod["sees"][];
  /** Whether fit can use context.features. */
  readonly readsFeatures?: true;
  fit(train: Interactions, options: z.output<S>, context: FitContext): Promise<Recommender>;
}

export const defineModel = <S extends z.ZodType>(method: Omit<ModelMethod<S>, "kind">): ModelMethod<S> => ({
  kind: "model",
  ...method,
});
