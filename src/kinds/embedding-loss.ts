// A distillation loss over embeddings: how a student places the entities of a batch against how its teacher does. It is a
// piece of a training graph, or, where a graph would be slow, a step of kernels.

import type { z } from "zod";
import type { EntityContext, EntityStep, Sides } from "./entity-step.ts";
import type { LossFrame } from "./loss.ts";
import type { NetworkContext } from "./network.ts";

/** The users or the items of a batch. */
export interface EmbeddedSide {
  /** [n, student's width] and [n, teacher's width]. */
  readonly student: string;
  readonly teacher: string;
  /** [n]: 1 for an entity, 0 for room that the batch does not fill. */
  readonly weight: string;
}

/** A mean over up to `neighbours` entities that are near by their interactions, and its share beside the entity itself. */
export interface Filter {
  readonly neighbours: number;
  readonly share: number;
  /** The probability that a neighbour is left out of a step. */
  readonly drop: number;
}

export interface EmbeddingContext extends Pick<NetworkContext, "g" | "weight"> {
  /** Student's and teacher's vectors of a side, each mixed with those of the entity's neighbours. */
  filtered(side: "user" | "item", filter: Filter): Pick<EmbeddedSide, "student" | "teacher">;
}

/** What a loss makes with `weight`, or keeps in `open`, learns beside the student and is dropped with the training. */
type Made<O> =
  | { build(context: EmbeddingContext, sides: Sides<EmbeddedSide>, options: O): string; open?: never }
  | { open(context: EntityContext, options: O): EntityStep; build?: never };

export type EmbeddingLoss<S extends z.ZodType = z.ZodType> = LossFrame<S> & {
  readonly sees: "embeddings";
  readonly needs: "embeddings";
} & Made<z.output<S>>;

export const defineEmbeddingLoss = <S extends z.ZodType>(
  method: Omit<LossFrame<S>, "kind"> & Made<z.output<S>>,
): EmbeddingLoss<S> => ({ kind: "loss", sees: "embeddings", needs: "embeddings", ...method });
