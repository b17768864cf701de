// A distillation loss over embeddings: how a student places the entities of a batch against how its teacher does. It is a
// piece of a training graph.

import type { z } from "zod";
import type { LossFrame } from "./loss.ts";
import type { NetworkContext } from "./network.ts";

/** The users or the items of a batch. */
export interface EmbeddedSide {
  /** [n, student's width] and [n, teacher's width]. */
  readonly student: string;
  readonly teacher: string;
  /** The student's numbers again, through which no gradient goes. */
  readonly present: string;
  /** [n]: 1 for the first of equal entities, 0 for its repeats, which count nowhere. */
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
  /** Standard Gumbel noise [n of that side, width], new in each step. */
  gumbel(side: "user" | "item", width: number): string;
  /** Student's and teacher's vectors of a side, each mixed with those of the entity's neighbours. */
  filtered(side: "user" | "item", filter: Filter): Pick<EmbeddedSide, "student" | "teacher">;
  /** A scalar: the share of the training that is done. */
  readonly progress: string;
}

export interface EmbeddingLoss<S extends z.ZodType = z.ZodType> extends LossFrame<S> {
  readonly sees: "embeddings";
  readonly needs: "embeddings";
  /** The loss, a scalar; what it makes with `weight` learns beside the student and is dropped with the training. */
  build(
    context: EmbeddingContext,
    sides: Readonly<Record<"user" | "item", EmbeddedSide>>,
    options: z.output<S>,
  ): string;
}

export const defineEmbeddingLoss = <S extends z.ZodType>(
  method: Omit<EmbeddingLoss<S>, "kind" | "sees" | "needs">,
): EmbeddingLoss<S> => ({ kind: "loss", sees: "embeddings", needs: "embeddings", ...method });
