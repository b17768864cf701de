// A distillation loss over logits: what a network says of the rows of a batch against what its teacher said of them. It is
// a piece of a training graph.

import type { z } from "zod";
import type { Ops } from "../graph/ops.ts";
import type { LossFrame } from "./loss.ts";

/** Logits of one batch, float32 [n] each. */
export interface LogitRows {
  readonly student: string;
  /** No gradient goes to it. */
  readonly teacher: string;
}

export interface LogitLoss<S extends z.ZodType = z.ZodType> extends LossFrame<S> {
  readonly sees: "logits";
  readonly needs: "logits";
  /** The loss, a scalar: a mean over rows, so that a term weighs the same whatever the batch. */
  build(g: Ops, rows: LogitRows, options: z.output<S>): string;
}

export const defineLogitLoss = <S extends z.ZodType>(
  method: Omit<LogitLoss<S>, "kind" | "sees" | "needs">,
): LogitLoss<S> => ({ kind: "loss", sees: "logits", needs: "logits", ...method });
