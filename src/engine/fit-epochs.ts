// Trains a recommender for epochs, and stops early on the NDCG@10 of the validation part where there is one.

import { z } from "zod";
import type { Interactions } from "../data/interactions.ts";
import type { FitContext } from "../kinds/model.ts";
import type { Recommender } from "../recommender/recommender.ts";
import { heldOutNdcg } from "./sequences/held-out.ts";
import type { Model } from "./training/model.ts";
import { type Batches, train } from "./training/train.ts";
import type { Trainer } from "./training/trainer.ts";

export type EpochOptions = Readonly<Record<"epochs" | "patience" | "every", number>>;

/** The options of a model that fits by epochs, with its defaults; an epoch is one pass over `what`. */
export const epochOptions = (usual: EpochOptions, what: string) => ({
  epochs: z.number().int().min(1).max(10_000).default(usual.epochs).describe(`most passes over the ${what}`),
  patience: z
    .number()
    .int()
    .min(1)
    .default(usual.patience)
    .describe("validations without a better one before it stops, where the split has a validation part"),
  every: z.number().int().min(1).default(usual.every).describe("epochs between two validations"),
});

export interface EpochPlan extends EpochOptions {
  readonly trainer: Trainer;
  readonly data: Interactions;
  /** One epoch's batches, and the weight of each in the loss that is reported; the same for the same epoch. */
  batches(epoch: number): Batches;
  toRecommender(model: Model): Promise<Recommender> | Recommender;
}

/** The recommender of the best epoch; without a validation part, of the last. */
export async function fitEpochs(plan: EpochPlan, { kernels, validation, progress }: FitContext): Promise<Recommender> {
  const { trainer, data, epochs, every, patience, batches, toRecommender } = plan;
  let note = "";
  let epoch = 0;
  await train({
    trainer,
    epochs: Math.ceil(epochs / every),
    async *batches(round) {
      for (epoch = round * every; epoch < Math.min(epochs, (round + 1) * every); epoch++) {
        if (epoch > round * every) progress(epoch, epochs, note);
        yield* batches(epoch);
      }
    },
    ...(validation && {
      patience,
      metric: {
        better: "high",
        measure: async () => heldOutNdcg(kernels, await toRecommender(trainer.model()), data, validation),
      },
    }),
    clock: () => 0,
    progress({ loss, metric }) {
      note = `loss ${loss.toFixed(4)}${metric === undefined ? "" : `, validation NDCG@10 ${metric.toFixed(4)}`}`;
      progress(epoch, epochs, note);
    },
  });
  return toRecommender(trainer.model());
}
