// When a loss over embeddings that is costly works: in some batches, for all.

import { z } from "zod";
import type { EntityStep } from "../../kinds/entity-step.ts";

/** Which batches, as an option of a loss. */
export const everyOption = (fallback: number) =>
  z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(fallback)
    .describe("works in each N-th batch, with N times the weight: an N-th of the cost, on average the same gradient");

/** `step` in the first of each `every` batches, for all of them. */
export function everyNth(every: number, step: EntityStep): EntityStep {
  let batch = 0;
  return async (entities, scale, progress) => (batch++ % every === 0 ? step(entities, scale * every, progress) : 0);
}
